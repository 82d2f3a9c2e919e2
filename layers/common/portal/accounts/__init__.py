"""Accounts: who a member is to the portal, and how the portal knows.

Password rules and hashes, credentials, sessions, waiting after failures, and the
use cases that put them together: sign in, change the password, reset it.
"""
