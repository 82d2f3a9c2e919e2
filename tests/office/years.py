"""Fiscal years, from April."""

from datetime import date


def year_of(day: date) -> int:
    """Return the fiscal year in which *day* lies."""
    return day.year - (day.month < 4)
