"""Password hashes: bcrypt over a keyed hash of the password.

The key (pepper) lives in Secrets Manager, apart from the table, so that a stolen copy of the table
alone cannot be searched. HMAC-SHA-256 in base64 is 44 bytes, which also keeps every password clear
of bcrypt's limit of 72. Each hash stores its own cost and the id of its pepper; a new pepper or
cost therefore needs no migration, old ones stay readable, and a sign-in renews an old hash.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

LONGEST_INPUT = 200
"""Nothing longer is hashed or looked at; ten times the longest password there can be."""

type Work = Callable[[bytes, bytes], bytes]
"""bcrypt's ``hashpw``: (secret, salt or earlier hash) → hash."""


class UnknownPepper(Exception):
    """A hash names a pepper that the secret does not hold any more; ``pepper_id`` says which."""

    def __init__(self, pepper_id: str) -> None:
        super().__init__(f"no pepper {pepper_id} in the secret")
        self.pepper_id = pepper_id


class BadPepperSecret(Exception):
    """The secret is not an object with ``current`` and the pepper it names."""


@dataclass(frozen=True)
class StoredPassword:
    """One password as it is stored. ``set_at`` is when the member or the office set it."""

    bcrypt: str
    pepper: str
    cost: int
    set_at: datetime


@dataclass(frozen=True)
class Peppers:
    """The keys by id, and which one new hashes use."""

    current: str
    keys: Mapping[str, bytes]

    @classmethod
    def from_secret(cls, text: str) -> "Peppers":
        """Read the secret: ``{"current": "p1", "p1": "…"}``. Raises BadPepperSecret.

        Secrets Manager generates it from the template ``{"current": "p1"}`` and the key ``p1``.
        To rotate, add ``p2`` and point ``current`` at it; never remove one that hashes name.
        """
        try:
            fields = json.loads(text)
            keys = {name: str(key).encode() for name, key in fields.items() if name != "current"}
            current = str(fields["current"])
        except (ValueError, AttributeError, KeyError, TypeError):
            raise BadPepperSecret from None
        if not keys.get(current):
            raise BadPepperSecret
        return cls(current, keys)

    def blend(self, password: str, pepper_id: str) -> bytes:
        """Return what bcrypt is given for *password*. Raises UnknownPepper."""
        key = self.keys.get(pepper_id)
        if key is None:
            raise UnknownPepper(pepper_id)
        mac = hmac.digest(key, password.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return base64.b64encode(mac)


class Hasher:
    """Makes and checks password hashes. *peppers* is asked at the first use only."""

    def __init__(self, peppers: Callable[[], Peppers], cost: int, work: Work | None = None) -> None:
        self._peppers = peppers
        self._cost = cost
        self._work = work or _bcrypt

    def hash(self, password: str, now: datetime) -> StoredPassword:
        """Return *password* as it is stored, with the present cost and pepper."""
        peppers = self._peppers()
        made = self._work(peppers.blend(password, peppers.current), _salt(self._cost))
        return StoredPassword(made.decode("ascii"), peppers.current, self._cost, now)

    def verify(self, password: str, stored: StoredPassword) -> bool:
        """Tell whether *password* is the stored one, compared exactly as given."""
        expected = stored.bcrypt.encode("ascii")
        blended = self._peppers().blend(password, stored.pepper)
        return hmac.compare_digest(self._work(blended, expected), expected)

    def verify_nothing(self, password: str) -> bool:
        """Do the work of verify() for a number that does not exist, and say no."""
        peppers = self._peppers()
        self._work(peppers.blend(password, peppers.current), _DUMMY.format(self._cost).encode())
        return False

    def level(self, password: str, stored: StoredPassword) -> None:
        """Add to a failed verify() what a hash of the present cost would have cost beyond it.

        After the cost was raised, hashes of members who have not signed in since are cheaper than
        the dummy of an unknown number, and the time would tell who exists. Cost n takes 2^n steps,
        and 2^8 + 2^8 + 2^9 = 2^10: one more at each cost in between makes them even.
        """
        blended = self._peppers().blend(password, stored.pepper)
        for cost in range(stored.cost, self._cost):
            self._work(blended, _DUMMY.format(cost).encode())

    def is_current(self, stored: StoredPassword) -> bool:
        """Tell whether *stored* has the present cost and pepper."""
        return stored.cost == self._cost and stored.pepper == self._peppers().current


# The salt of a hash nobody's password has; checking against it costs what a real check costs.
_DUMMY = "$2b${:02d}$" + "u" * 21 + "e"


def _salt(cost: int) -> bytes:
    import bcrypt  # Only a sign-in or a change pays for it, not a page.

    return bcrypt.gensalt(cost)


def _bcrypt(secret: bytes, salt: bytes) -> bytes:
    import bcrypt  # Likewise.

    return bcrypt.hashpw(secret, salt)
