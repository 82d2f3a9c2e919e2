"""Measurements beside what one would use instead; `make bench` runs and prints them all."""
