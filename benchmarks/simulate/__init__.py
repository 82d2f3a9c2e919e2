"""A dues year of thousands of members on a simulated clock, with faults at stated rates."""
