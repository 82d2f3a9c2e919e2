"""The member record: its fields, which characters they take, and how it is kept and saved."""
