"""Numbers and answers of a row, as the office reads them."""


def number_or_answer(value: int) -> str:
    """Return an amount or a count with its commas, and of yes or no the word."""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return f"{value:,}"
