"""Invoices, payments and what settles them, receipts."""
