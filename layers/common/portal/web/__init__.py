"""Requests, the session gate, forgery protection, pages and their errors."""
