"""How one member goes through the year: a generator that acts, and yields how long it then waits.

Members come when they come; most soon after the invoice, some at the due date, a few at the end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Protocol

from portal.billing.model import Method

type Life = Iterator[timedelta]
type Story = Callable[["Person"], Life]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PATIENCE = 40
"""How often a member tries to get a link before giving up for good."""


class Around(Protocol):
    """What a member can do, and see."""

    def press(self, member: int, method: Method) -> None:
        """Press 決定, or お支払い手続きをやり直す when it was pressed before."""

    def link(self, member: int) -> str:
        """Return the order of the link that the member's page shows now, or nothing."""

    def paid(self, member: int) -> bool:
        """Tell whether the member's page says 支払済."""

    def slip(self, order: str) -> bool:
        """Tell whether the order's slip can be paid at the till."""

    def card(self, order: str) -> bool:
        """Pay by card; False when GMO's page does not let."""

    def decline(self, order: str) -> bool:
        """Have the card declined."""

    def number(self, order: str) -> bool:
        """Get a store's number."""

    def till(self, order: str, *, late: bool = False) -> bool:
        """Pay at the till."""

    def refund(self, order: str) -> None:
        """Have the office give the card's money back."""

    def back(self, order: str, result: str) -> None:
        """Maybe come back from GMO's page."""

    def transfer(self, member: int) -> None:
        """Have the office record a bank transfer."""

    def let_off(self, member: int) -> None:
        """Have the office waive the year."""

    def pay_out(self, member: int) -> None:
        """Have the office give the money back past GMO."""


@dataclass(frozen=True)
class Person:
    """One member by number, with chances of their own."""

    member: int
    random: Random
    around: Around

    def minutes(self, least: float, most: float) -> timedelta:
        """Return a time between."""
        return MINUTE * self.random.uniform(least, most)

    def days(self, least: float, most: float) -> timedelta:
        """Return a time between."""
        return DAY * self.random.uniform(least, most)

    def arrives(self) -> timedelta:
        """Return how long after the year's first morning the member comes."""
        share = self.random.random()
        if share < 0.55:
            day = min(self.random.expovariate(1 / 25), 240)
        elif share < 0.9:
            day = self.random.triangular(150, 274, 260)  # Towards the due date at the year's end.
        else:
            day = self.random.uniform(275, 325)
        return DAY * int(day) + HOUR * self.random.triangular(0, 14, 11)

    def linked(self, method: Method) -> Iterator[timedelta]:
        """Press until there is a link to use."""
        for attempt in range(PATIENCE):
            if self.around.paid(self.member) or self.around.link(self.member):
                return
            self.around.press(self.member, method)
            if self.around.link(self.member):
                yield self.minutes(0.2, 1)
                return
            # It says 確認中, or an error: a look some minutes later, and then some hours later.
            yield self.minutes(1, 5) if attempt < 3 else self.minutes(60, 600)


def card(one: Person) -> Life:
    """Pay by card within minutes."""
    yield from one.linked(Method.CARD)
    yield one.minutes(1, 15)
    order = one.around.link(one.member)
    if order and one.around.card(order):
        yield one.minutes(0.05, 1)
        one.around.back(order, "PAYSUCCESS")


def card_declined(one: Person) -> Life:
    """Have one card declined, and pay with another on the same page."""
    yield from one.linked(Method.CARD)
    order = one.around.link(one.member)
    if order and one.around.decline(order):
        yield one.minutes(1, 20)
        one.around.back(order, "ERROR")
    yield from card(one)


def card_left(one: Person) -> Life:
    """Close the window, and come back when the link is over, or almost."""
    yield from one.linked(Method.CARD)
    one.around.back(one.around.link(one.member), "PAYSTART")
    yield one.days(0.5, 20)
    yield from card(one)


def card_returned(one: Person) -> Life:
    """Pay by card, and get the money back some days later."""
    yield from card(one)
    order = one.around.link(one.member)
    yield one.days(1, 30)
    one.around.refund(order)


def store(one: Person) -> Life:
    """Get a number, and pay it at the till within its two weeks."""
    yield from _number(one)
    order = one.around.link(one.member)
    yield one.days(0.05, 13)
    one.around.till(order)


def store_expired(one: Person) -> Life:
    """Let a number run out, and pay the next one."""
    yield from _number(one)
    yield one.days(16, 40)
    yield from store(one)


def store_late(one: Person) -> Life:
    """Pay a number that has run out, which some stores take; some have a new one by then."""
    yield from _number(one)
    order = one.around.link(one.member)
    yield one.days(16, 22)
    if one.random.random() < 0.3:
        yield from store(one)
    one.around.till(order, late=True)


def store_returned(one: Person) -> Life:
    """Pay at the till, and get the money back by bank some weeks later."""
    yield from store(one)
    yield one.days(5, 60)
    one.around.pay_out(one.member)


def store_transfer(one: Person) -> Life:
    """Get a number, and pay by bank transfer instead; a few pay the number as well."""
    yield from _number(one)
    order = one.around.link(one.member)
    yield one.days(1, 10)
    one.around.transfer(one.member)
    yield one.days(0.01, 3)
    if one.random.random() < 0.2:
        one.around.till(order)


def transfer(one: Person) -> Life:
    """Pay by bank transfer, without a look at the portal."""
    yield one.days(1, 5)
    one.around.transfer(one.member)


def waived(one: Person) -> Life:
    """Ask the office to be let off."""
    yield one.days(1, 20)
    one.around.let_off(one.member)


def store_left(one: Person) -> Life:
    """Get a number and never pay."""
    yield from _number(one)


def never(_: Person) -> Life:
    """Do nothing all year."""
    yield from ()


def _number(one: Person) -> Life:
    yield from one.linked(Method.CVS)
    yield one.minutes(1, 20)
    order = one.around.link(one.member)
    if order and one.around.number(order):
        yield one.minutes(0.05, 1)
        one.around.back(order, "REQSUCCESS")


STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        *(card, card_declined, card_left, card_returned),
        *(store, store_expired, store_late, store_left, never),
        *(store_returned, store_transfer, transfer, waived),
    )
}
