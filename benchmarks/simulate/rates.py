"""What happens how often in the simulated year. Invented, but meant to be harsher than life."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rates:
    """Shares of 1, and numbers of outages in the year."""

    lost: float = 0.02
    """Notifications that never arrive."""
    doubled: float = 0.01
    """Notifications that arrive twice."""
    crashed: float = 0.001
    """Runs of a function that die at some call of DynamoDB, GMO or SES."""
    throttled: float = 0.001
    """Runs of a function that meet a throttled or silent DynamoDB, or an answer of GMO lost."""
    clicked_twice: float = 0.03
    """Presses of 決定 that are two at once."""
    comes_back: float = 0.8
    """Payers who press the button that leads back from GMO's page."""
    gmo_silences: int = 24
    """Times at which GMO gives no answer for one to three hours."""
    ses_silences: int = 12
    """Times at which SES takes no mail for one to four hours."""


RATES = Rates()

LIVES: dict[str, float] = {
    "card": 0.41,
    "card_declined": 0.06,
    "card_left": 0.06,
    "card_returned": 0.02,
    "store": 0.21,
    "store_expired": 0.05,
    "store_late": 0.01,
    "store_left": 0.02,
    "store_returned": 0.01,
    "store_transfer": 0.01,
    "transfer": 0.05,
    "waived": 0.02,
    "never": 0.07,
}
"""How members pay: see people.py for what each word means."""
