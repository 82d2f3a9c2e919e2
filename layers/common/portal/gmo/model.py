"""The words of GMO: ways of paying, states, and one answer of ``SearchTradeMulti``.

States are kept as the text GMO sent, so that a word we do not know is neither lost nor an
error: every question about it (:attr:`Trade.paid`, …) is then simply answered with no.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from portal.clock import JST


class PayType(StrEnum):
    """GMO's number of the way of paying; the other numbers are not in our contract."""

    CARD = "0"
    CVS = "3"

    @property
    def pay_method(self) -> str:
        """The word for the same thing in ``PayMethods`` and ``Paymethod``."""
        return "credit" if self is PayType.CARD else "cvs"


class Status(StrEnum):
    """The states of a transaction that GMO is known to send for cards and slips."""

    UNPROCESSED = "UNPROCESSED"
    AUTHENTICATED = "AUTHENTICATED"
    AUTHPROCESS = "AUTHPROCESS"
    CHECK = "CHECK"
    AUTH = "AUTH"
    SAUTH = "SAUTH"
    CAPTURE = "CAPTURE"
    SALES = "SALES"
    VOID = "VOID"
    RETURN = "RETURN"
    RETURNX = "RETURNX"
    CANCEL = "CANCEL"
    REQSUCCESS = "REQSUCCESS"
    PAYSUCCESS = "PAYSUCCESS"
    PAYFAIL = "PAYFAIL"
    EXPIRED = "EXPIRED"


_PAID = frozenset(
    {
        (PayType.CARD, Status.CAPTURE),
        (PayType.CARD, Status.SALES),
        (PayType.CVS, Status.PAYSUCCESS),
    }
)
_REFUNDED = frozenset(
    (PayType.CARD, status) for status in (Status.VOID, Status.RETURN, Status.RETURNX, Status.CANCEL)
)
_DEAD = frozenset(
    (PayType.CVS, status) for status in (Status.EXPIRED, Status.CANCEL, Status.PAYFAIL)
)


@dataclass(frozen=True, kw_only=True)
class Trade:
    """One transaction as GMO tells it: an order paid, or being paid, in one way.

    Amounts are yen; moments are aware and in Japanese time; a text GMO left empty is ``""``.
    ``approve`` is kept as sent and may begin with a space.
    """

    pay_type: PayType
    status: str
    amount: int
    tax: int = 0
    currency: str = ""
    job_cd: str = ""
    access_id: str = ""
    access_pass: str = field(default="", repr=False)
    client_fields: tuple[str, str, str] = ("", "", "")
    forward: str = ""
    approve: str = ""
    tran_id: str = ""
    process_date: datetime | None = None
    tran_date: datetime | None = None
    cvs_code: str = ""
    conf_no: str = ""
    receipt_no: str = ""
    receipt_url: str = ""
    payment_term: datetime | None = None
    finish_date: datetime | None = None
    receipt_date: datetime | None = None

    @property
    def total(self) -> int:
        """Yen that the payer pays: GMO's ``Amount`` never includes the tax."""
        return self.amount + self.tax

    @property
    def paid(self) -> bool:
        """Whether the money is GMO's to hand over: card captured, or slip paid at the till."""
        return (self.pay_type, self.status) in _PAID

    @property
    def refunded(self) -> bool:
        """Whether a card payment was voided or returned. A paid slip cannot be, through GMO."""
        return (self.pay_type, self.status) in _REFUNDED

    @property
    def slip_open(self) -> bool:
        """Whether a convenience-store number was issued and waits for its money."""
        return self.pay_type is PayType.CVS and self.status == Status.REQSUCCESS

    @property
    def dead(self) -> bool:
        """Whether a slip ran out, was stopped or failed. Money may still come, belatedly."""
        return (self.pay_type, self.status) in _DEAD

    @property
    def paid_at(self) -> datetime | None:
        """When the payer paid, as far as GMO tells; None when unpaid or not told.

        A card answer of the search has no ``TranDate`` in the lines known to us; as long as
        the payment was not touched again, ``ProcessDate`` is the same moment.
        """
        if not self.paid:
            return None
        if self.pay_type is PayType.CARD:
            return self.tran_date or self.process_date
        return self.finish_date


def trade(fields: Mapping[str, str], pay_type: PayType) -> Trade:
    """Build a trade from the keys of ``SearchTrade(Multi)``.

    Raises ValueError, without the values in its text, when the amounts are no numbers.
    """
    get = _Fields(fields)
    return Trade(
        pay_type=pay_type,
        status=get.text("Status"),
        amount=get.yen("Amount"),
        tax=get.yen("Tax"),
        currency=get.text("Currency"),
        job_cd=get.text("JobCd"),
        access_id=get.text("AccessID"),
        access_pass=get.text("AccessPass"),
        client_fields=(
            get.text("ClientField1"),
            get.text("ClientField2"),
            get.text("ClientField3"),
        ),
        forward=get.text("Forward"),
        approve=get.text("Approve"),
        tran_id=get.text("TranID"),
        process_date=get.moment("ProcessDate"),
        tran_date=get.moment("TranDate"),
        cvs_code=get.text("CvsCode"),
        conf_no=get.text("CvsConfNo"),
        receipt_no=get.text("CvsReceiptNo"),
        receipt_url=get.text("CvsReceiptUrl") or get.text("ReceiptUrl"),
        payment_term=get.moment("PaymentTerm"),
        finish_date=get.moment("FinishDate"),
        receipt_date=get.moment("ReceiptDate"),
    )


class _Fields:
    """Typed reading of GMO's flat keys."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def text(self, key: str) -> str:
        return self._fields.get(key, "")

    def moment(self, key: str) -> datetime | None:
        return parse_moment(self.text(key))

    def yen(self, key: str) -> int:
        text = self.text(key)
        amount = parse_yen(text) if text else 0
        if amount is None:
            raise ValueError(f"{key} is not a number of yen")
        return amount


def parse_moment(text: str) -> datetime | None:
    """Read ``yyyyMMddHHmmss`` in Japanese time; None for anything else, as for an empty text."""
    if len(text) != 14 or not _digits(text):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=JST)
    except ValueError:
        return None


def parse_yen(text: str) -> int | None:
    """Read an amount of at most 12 ASCII digits; None for anything else."""
    return int(text) if len(text) <= 12 and _digits(text) else None


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
