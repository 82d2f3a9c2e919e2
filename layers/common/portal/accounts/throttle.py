"""Waiting after failures: against guessing, without locking out one honest member.

Counters (docs/sign-in.md tells the reasons)::

    K#{number}#{network}   a network from which that member signed in lately: its own counter, so
                           that nobody elsewhere can make the member wait there
    U#{number}#{network}   any other network
    U#{number}             all other networks together; at 100 in a row the password is disabled
    NET#{network}#{hour}   how many different numbers failed from one network within an hour, and
                           when the next try from there has its turn (spray.py)
    C#{number}             the present password, asked again on the change page
    FORGOT#{network}#{h}   reset mails asked for from one network within an hour

Counters go by the number as typed, whether or not it exists. A counter is raised before the
password is looked at, on condition that nobody raised it meanwhile: of tries sent at once each
counts, and none slips past a wait. DynamoDB deletes old rows late, so ages are checked on read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from portal.clock import epoch, iso, parse_iso
from portal.database import Delete, Equals, Get, Item, Missing, Update

NOWHERE = "nowhere"


def known_key(number: str, network: str) -> str:
    """Return the counter of a network from which the member signed in lately."""
    return f"K#{number}#{network}"


def unknown_key(number: str, network: str) -> str:
    """Return the counter of any other network."""
    return f"U#{number}#{network}"


def everywhere_key(number: str) -> str:
    """Return the counter of all networks that the member never used, together."""
    return f"U#{number}"


def change_key(number: str) -> str:
    """Return the counter of the present password asked again on the change page."""
    return f"C#{number}"


@dataclass(frozen=True)
class WaitingRules:
    """The numbers: how many failures are free, and what the next ones cost."""

    free: int = 5
    first_wait: timedelta = timedelta(seconds=30)
    longest_wait: timedelta = timedelta(hours=1)
    # After a quiet day the steps begin anew; failures "in a row" are remembered for longer.
    quiet: timedelta = timedelta(hours=24)
    remembered: timedelta = timedelta(days=180)
    disable_at: int = 100
    # Half way to a disabled password: of one number a curiosity, of twenty a day an alarm.
    watched_at: int = 50
    # A hospital or a telephone company is one network: a hundred members may err there in an hour.
    network_free: int = 100
    network_wait: timedelta = timedelta(seconds=30)
    # Seen well before it is slowed; the alarm in template.yaml has the same number.
    network_watched: int = 50
    forgot_per_hour: int = 100

    def wait_after(self, failures: int) -> timedelta:
        """Return the wait that the *failures*-th failure in a row starts."""
        beyond = failures - self.free
        if beyond <= 0:
            return timedelta(0)
        # The exponent is bounded, or an attacker's patience would overflow the number.
        doublings: int = 2 ** min(beyond - 1, 16)
        return min(self.first_wait * doublings, self.longest_wait)


@dataclass(frozen=True)
class Counter:
    """One counter as it was read.

    *stored* is the number in the row, None without a row; *failures* are those in a row, *recent*
    those that count for the wait, until *quiet_at*.
    """

    key: str
    stored: int | None = None
    failures: int = 0
    recent: int = 0
    wait_until: datetime | None = None
    quiet_at: datetime | None = None

    def wait(self, now: datetime) -> timedelta:
        """Return how long the next try has to wait."""
        return max(self.wait_until - now, timedelta(0)) if self.wait_until else timedelta(0)


class Throttle:
    """Reads counters and returns the writes that raise and forget them."""

    def __init__(self, table: str, rules: WaitingRules) -> None:
        self._table = table
        self.rules = rules

    def read_key(self, key: str) -> Get:
        """Return the read of one counter."""
        return Get(self._table, {"pk": key})

    def parse(self, key: str, item: Item | None, now: datetime) -> Counter:
        """Return the counter in a row; one that is over its time counts from nothing."""
        if item is None:
            return Counter(key)
        stored = _number(item, "failures")
        if now >= parse_iso(str(item["forget_at"])):
            return Counter(key, stored)
        wait_until, quiet_at = (parse_iso(str(item[name])) for name in ("wait_until", "quiet_at"))
        if now >= quiet_at:
            return Counter(key, stored, stored, 0, wait_until)
        return Counter(key, stored, stored, _number(item, "recent"), wait_until, quiet_at)

    def raised(self, counter: Counter, now: datetime) -> Update:
        """Return the write of one more failure; rejected when another try was counted meanwhile."""
        recent = counter.recent + 1
        return self._write(
            counter,
            recent,
            wait_until=now + self.rules.wait_after(recent),
            quiet_at=now + self.rules.quiet,
            forget_at=now + self.rules.remembered,
        )

    def failed_since(self, counter: Counter, moment: datetime) -> bool:
        """Tell whether the last failure on *counter* was at *moment* or later."""
        return counter.quiet_at is not None and counter.quiet_at - self.rules.quiet >= moment

    def forgotten(self, keys: Sequence[str]) -> list[Delete]:
        """Return the writes that forget counters after a success."""
        return [Delete(self._table, {"pk": key}) for key in keys]

    def forgot_asked(self, network: str, now: datetime) -> Update:
        """Return the write that counts one more reset mail asked for from a network."""
        hour = whole_hour(now)
        return Update(
            self._table,
            {"pk": f"FORGOT#{network}#{iso(hour)}"},
            set={"ttl": epoch(hour + timedelta(hours=2))},
            add={"failures": 1},
        )

    def _write(
        self,
        counter: Counter,
        recent: int,
        *,
        wait_until: datetime,
        quiet_at: datetime,
        forget_at: datetime,
    ) -> Update:
        known = counter.stored is not None
        return Update(
            self._table,
            {"pk": counter.key},
            set={
                "failures": counter.failures + 1,
                "recent": recent,
                "wait_until": iso(wait_until),
                "quiet_at": iso(quiet_at),
                "forget_at": iso(forget_at),
                "ttl": epoch(forget_at),
            },
            when=(Equals("failures", counter.stored) if known else Missing("pk"),),
        )


def whole_hour(now: datetime) -> datetime:
    """Return the beginning of the clock's hour; counters by the hour begin and end with it."""
    return now.replace(minute=0, second=0, microsecond=0)


def network_of(address: str) -> str:
    """Return the network an address counts for: its /24 (IPv4) or /64 (IPv6).

    One customer of a provider has a whole /64, so single IPv6 addresses would be free tries.
    """
    import ipaddress  # Only a sign-in pays for it.

    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return NOWHERE
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        if mapped is None:
            return str(ipaddress.IPv6Network((parsed, 64), strict=False))
        parsed = mapped
    return str(ipaddress.IPv4Network((parsed, 24), strict=False))


def minutes(wait: timedelta) -> int:
    """Return whole minutes for 「あと◯分お待ちください」, rounded up, at least one."""
    return max(1, -(-int(wait.total_seconds() + 0.999) // 60))


def _number(item: Item, name: str) -> int:
    return cast("int", item[name])
