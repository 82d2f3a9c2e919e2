"""What can go wrong between GMO and us, and the one table of GMO's error codes.

::

    GmoError
    ├── Unsendable        our request breaks GMO's limits; nothing was sent
    ├── Refused           GMO said no: nothing happened, and the same again will be refused too
    ├── Busy              GMO said not now: nothing happened, later it may work
    ├── NotFound          a search was answered: no such transaction (perhaps not yet)
    ├── UnknownOutcome    no answer, or none that can be understood: it may have happened or not
    └── BadReturn         what a browser brought back from GMO cannot be used
        ├── Malformed         not in the form GMO sends
        └── BadSignature      in that form, but not signed with our shop password

The texts hold GMO's codes and our own words: no order, no name, no password.
"""

import re
from collections.abc import Iterable
from enum import Enum

type Code = tuple[str, str]
"""``(ErrCode, ErrInfo)``, for example ``("M01", "M01004002")``."""


class Meaning(Enum):
    """What an error code asks of us."""

    PING = "connectivity test of the notifications, no error"
    CONFIGURATION = "shop id, password, contract or address are not what GMO expects"
    BUG = "we sent something that GMO's rules do not allow"
    DUPLICATE = "this order exists already"
    NOT_FOUND = "GMO knows no such transaction or link"
    STATE = "not possible in the present state: ask what the state is"
    TOO_OLD = "more than 180 days ago: the office has to settle it by hand"
    PAYER = "the payer has to try again, perhaps with another card"
    ENDED = "the payment page is over: expired, too many tries, cancelled"
    BUSY = "flow control or maintenance: later"
    UNCLEAR = "a fault at GMO: whether it happened is not known"


_EXACT = {
    "E00000000": Meaning.PING,
    "E00000001": Meaning.BUG,
    "E00000002": Meaning.BUG,
    "E00000003": Meaning.BUG,
    "E00000010": Meaning.BUG,
    "E01030002": Meaning.CONFIGURATION,
    "M01002002": Meaning.CONFIGURATION,
    "EZ1040002": Meaning.CONFIGURATION,
    "E01080010": Meaning.CONFIGURATION,
    "E01080101": Meaning.CONFIGURATION,
    "M01053002": Meaning.CONFIGURATION,
    "E01040010": Meaning.DUPLICATE,
    "M01004010": Meaning.DUPLICATE,
    "EZ1070014": Meaning.DUPLICATE,
    "EZ4135014": Meaning.DUPLICATE,
    "E01110002": Meaning.NOT_FOUND,
    "M01004002": Meaning.NOT_FOUND,
    "M01058002": Meaning.NOT_FOUND,
    "EZ2278002": Meaning.NOT_FOUND,
    "E11010001": Meaning.STATE,
    "E11010002": Meaning.STATE,
    "E11010003": Meaning.STATE,
    "E11010999": Meaning.STATE,
    "M01054004": Meaning.STATE,
    "EZ2278010": Meaning.STATE,
    "E11010010": Meaning.TOO_OLD,
    "E11010011": Meaning.TOO_OLD,
    "E11010099": Meaning.PAYER,
    "E41170002": Meaning.PAYER,
    "E41170099": Meaning.PAYER,
    "E61010002": Meaning.PAYER,
    "M01311007": Meaning.ENDED,
    "EZ1043015": Meaning.ENDED,
    "EZ1216015": Meaning.ENDED,
    "EZ1042009": Meaning.ENDED,
    "EZ2069010": Meaning.ENDED,
    "EZ3001001": Meaning.ENDED,
    "E92000001": Meaning.BUSY,
    "E92000002": Meaning.BUSY,
    "EZ2400001": Meaning.BUSY,
    "EZ2400002": Meaning.BUSY,
    "EZ2400003": Meaning.BUSY,
    "EZ2400004": Meaning.BUSY,
    "E91099997": Meaning.CONFIGURATION,
}

# The longest prefix that fits decides. What is not listed at all stays UNCLEAR, because only a
# code that we know may be taken for GMO's word that nothing happened.
_PREFIXES = {
    "42C": Meaning.PAYER,
    "42G": Meaning.PAYER,
    "E01": Meaning.BUG,
    "E11": Meaning.STATE,
    "E21": Meaning.PAYER,
    "E41": Meaning.CONFIGURATION,
    "E61": Meaning.CONFIGURATION,
    "E92": Meaning.UNCLEAR,
    "M01": Meaning.BUG,
    "EZ1": Meaning.BUG,
    "EZ2": Meaning.STATE,
    "EZ3": Meaning.ENDED,
}

_ABSENT = frozenset({"M01004002", "E01110002"})
_CODE = re.compile(r"[A-Z0-9]{0,12}")


def meaning(code: Code) -> Meaning:
    """Look one error up: by its ``ErrInfo``, else by its family."""
    err_code, err_info = code
    known = _EXACT.get(err_info)
    return known or _PREFIXES.get((err_info or err_code)[:3], Meaning.UNCLEAR)


class GmoError(Exception):
    """Anything that kept a call to GMO from its answer."""


class Unsendable(GmoError):
    """Our request breaks GMO's limits. Nothing was sent; it is our mistake.

    ``fields`` names the parts at fault, never their values.
    """

    def __init__(self, *fields: str) -> None:
        super().__init__(f"not sent to GMO, outside its limits: {', '.join(fields)}")
        self.fields = fields


class _Answered(GmoError):
    """GMO answered with error codes."""

    saying = "GMO answered"

    def __init__(self, codes: Iterable[Code]) -> None:
        self.codes = clean(codes)
        super().__init__(f"{self.saying}: {told(self.codes)}")

    def means(self, *meanings: Meaning) -> bool:
        """Whether any of the codes has one of these meanings."""
        return any(meaning(code) in meanings for code in self.codes)


class Refused(_Answered):
    """GMO definitely said no: what was asked for did not happen."""

    saying = "GMO refused"


class Busy(_Answered):
    """GMO definitely did nothing because it is busy or in maintenance; ask again later."""

    saying = "GMO is busy"


class NotFound(_Answered):
    """The search was answered: GMO knows no transaction of this order and way of paying.

    That is also the answer as long as the payer has not begun on GMO's page.
    """

    saying = "GMO knows no such transaction"


class UnknownOutcome(GmoError):
    """Whether it happened is not known: never take it for a failure, ask or wait.

    ``reason`` is one of our own words ("timeout", "connection", "http status", "format",
    "codes", …), ``status`` the HTTP status or 0, ``codes`` what GMO said, if anything.
    """

    def __init__(self, reason: str, *, status: int = 0, codes: Iterable[Code] = ()) -> None:
        self.reason = reason
        self.status = status
        self.codes = clean(codes)
        parts = [reason, str(status) if status else "", told(self.codes) if self.codes else ""]
        super().__init__(f"outcome at GMO unknown: {' '.join(part for part in parts if part)}")


class BadReturn(GmoError):
    """The ``result`` that a browser brought cannot be used."""


class Malformed(BadReturn):
    """It has not the form in which GMO sends it."""


class BadSignature(BadReturn):
    """It was not signed with our shop password."""


def clean(codes: Iterable[Code]) -> tuple[Code, ...]:
    """Put ``?`` for whatever is not a code: GMO might repeat something we sent."""
    return tuple((_code(code), _code(info)) for code, info in codes)


def told(codes: Iterable[Code]) -> str:
    """Write codes for the text of an exception or a log, at most ten of them."""
    return " ".join(f"{code}/{info}" for code, info in clean(codes)[:10])


def from_codes(codes: Iterable[Code]) -> Refused | Busy | UnknownOutcome:
    """Choose the error for what GMO answered; one unclear code makes the whole answer unclear."""
    found = tuple(codes)
    meanings = {meaning(code) for code in found}
    if not found or meanings & {Meaning.UNCLEAR, Meaning.PING}:
        return UnknownOutcome("codes", codes=found)
    return Busy(found) if Meaning.BUSY in meanings else Refused(found)


def from_search(codes: Iterable[Code]) -> GmoError:
    """Choose the error for a search: NotFound only when every code says exactly that."""
    found = tuple(codes)
    if found and all(info in _ABSENT for _, info in found):
        return NotFound(found)
    return from_codes(found)


def _code(text: str) -> str:
    return text if _CODE.fullmatch(text) else "?"
