"""Initial passwords: random, good by the policy, and without letters that are read for others."""

import secrets
from collections.abc import Callable

from portal.accounts.guessable import Guesses
from portal.accounts.policy import PasswordPolicy

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
"""No l, I, 1, 0, O and o (manual, section 1), and no signs, which are hard to tell by telephone."""

LENGTH = 12
"""Close to 70 bits, and three groups of four in a letter."""


def new_initial_password(
    policy: PasswordPolicy,
    guesses: Guesses,
    draw: Callable[[str], str] = secrets.choice,
) -> str:
    """Return a new one. *draw* picks one character at random."""
    while True:
        drawn = "".join(draw(ALPHABET) for _ in range(LENGTH))
        # About one in eight has no digit or no capital; drawing all anew keeps each place random.
        if not policy.faults(drawn, guesses):
            return drawn
