"""A credential: what the portal knows of a member's number and password. Pure rules, no storage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from portal.accounts.hashing import StoredPassword
from portal.accounts.no_password import has_no_password
from portal.accounts.policy import PasswordPolicy
from portal.clock import jst_date

NETWORK_MEMORY = timedelta(days=180)
"""A network from which the member signed in within this time is known."""

MOST_NETWORKS = 20


@dataclass(frozen=True)
class Credential:
    """One member's way in.

    *history* has the last passwords set, the current one first; *changed_on* is the JST day of the
    last change; *initial_until* is the end of an initial password's life and None while there
    is none; *disabled* refuses unknown networks after too many failures in a row; *version*
    rises with every sign-in and every change; *closed_at* is when the office closed this way in;
    *signed_in_at* is the last sign-in that is known, which signing in writes;
    *letters* is the batch of letters that brought, or was to bring, the last initial password.
    """

    member_no: str
    member_id: str
    password: StoredPassword
    history: tuple[StoredPassword, ...]
    changed_on: date
    must_change: bool
    initial_until: datetime | None = None
    disabled: bool = False
    networks: Mapping[str, datetime] = field(default_factory=dict)
    version: int = 1
    closed_at: datetime | None = None
    signed_in_at: datetime | None = None
    letters: str = ""

    @property
    def closed(self) -> bool:
        """Tell whether the office closed this way in."""
        return self.closed_at is not None

    def knows(self, network: str, now: datetime) -> bool:
        """Tell whether the member signed in from *network* lately."""
        seen = self.networks.get(network)
        return seen is not None and now - seen < NETWORK_MEMORY

    def with_network(self, network: str, now: datetime) -> dict[str, datetime]:
        """Return the known networks after a sign-in from *network*, the newest of them."""
        known = {name: seen for name, seen in self.networks.items() if self.knows(name, now)}
        newest = sorted({**known, network: now}.items(), key=lambda pair: pair[1], reverse=True)
        return dict(newest[:MOST_NETWORKS])

    def initial_ended(self, now: datetime) -> bool:
        """Tell whether this is an initial password whose life is over."""
        return self.initial_until is not None and now >= self.initial_until

    def change_due(self, now: datetime, policy: PasswordPolicy) -> bool:
        """Tell whether the member is to be asked for a new password (120 JST days)."""
        return (jst_date(now) - self.changed_on).days >= policy.notice_days


def first_credential(
    member_no: str, member_id: str, initial: StoredPassword, policy: PasswordPolicy
) -> Credential:
    """Return the credential of a member to whom an initial password is sent, or will be."""
    lives = None if has_no_password(initial) else timedelta(days=policy.initial_days)
    return Credential(
        member_no=member_no,
        member_id=member_id,
        password=initial,
        history=(initial,),
        changed_on=jst_date(initial.set_at),
        must_change=True,
        initial_until=initial.set_at + lives if lives else None,
    )
