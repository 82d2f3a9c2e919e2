"""``make audit``: the portal looked at by tools that nobody here wrote."""
