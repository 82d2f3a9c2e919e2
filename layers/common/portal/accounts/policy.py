"""The rules for passwords, as one data object with the numbers of the manual, section 2.

Another society, or a day on which the manual changes, needs other numbers here and no code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.accounts.guessable import Guesses


class Fault(Enum):
    """What can be wrong with a new password; the pages have the words for it."""

    LENGTH = "length"
    DIGIT = "digit"
    UPPER = "upper"
    ALPHABET = "alphabet"
    FULL_WIDTH = "full_width"
    COMMON = "common"
    GUESSABLE = "guessable"
    RECENT = "recent"


def is_common(password: str) -> bool:
    """Tell whether *password* is on the list of common ones, whatever its capitals."""
    from portal.accounts import guessable  # Only where a password is set, not to sign in.

    return guessable.is_common(password)


def has_full_width(text: str) -> bool:
    """Tell whether *text* holds anything that a keyboard gives only with Japanese input on."""
    return not text.isascii()


@dataclass(frozen=True)
class PasswordPolicy:
    """Numbers and alphabet of a password, and for how long one is good.

    *history*: how many passwords that were set, the current one included, are refused.
    *notice_days*: age in JST days from which the member is asked, not forced, to change it.
    *initial_days*: how long an initial password lives, as printed on the letter.
    *blocked*: tells of a password whether it is too common; capitals make no difference.
    """

    min_length: int = 8
    max_length: int = 20
    special: str = '!"#$%'
    history: int = 3
    notice_days: int = 120
    initial_days: int = 180
    blocked: Callable[[str], bool] = is_common

    def faults(self, password: str, guesses: "Guesses | None" = None) -> list[Fault]:
        """Return all that is wrong with *password*; its history is not looked at.

        *guesses* is what is known of whom it is for, if anything.
        """
        if has_full_width(password):
            # The other rules would only confuse whoever merely has Japanese input on.
            return [Fault.FULL_WIDTH]
        broken = {
            Fault.LENGTH: not self.min_length <= len(password) <= self.max_length,
            Fault.DIGIT: not any(character.isdigit() for character in password),
            Fault.UPPER: not any(character.isupper() for character in password),
            Fault.ALPHABET: not all(self.allows(character) for character in password),
            # The manual forces a capital, so people capitalise a common word: case is ignored.
            Fault.COMMON: self.blocked(password),
            Fault.GUESSABLE: guesses is not None and guesses.has(password),
        }
        return [fault for fault, is_broken in broken.items() if is_broken]

    def allows(self, character: str) -> bool:
        """Tell whether *character* is in the manual's alphabet: a–z, A–Z, 0–9 and five signs."""
        return (character.isascii() and character.isalnum()) or character in self.special
