"""The JSON bodies of the link calls, checked where they cross the border.

Requests are checked so that a mistake of ours is caught before GMO sees it; answers so that
nothing half-understood is believed. The fields bear GMO's own names. Pydantic's errors quote
values, therefore they never leave this module: they become :class:`Unsendable` (we would have
sent it) or :class:`UnknownOutcome` (GMO did).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    model_validator,
)

from portal.clock import JST
from portal.gmo.errors import UnknownOutcome, Unsendable
from portal.gmo.link import LinkRequest, SlipTerms, fit
from portal.gmo.model import PayType

LARGEST_SLIP = 300_000
"""Yen, tax included: no convenience store takes more on one slip."""


def _at_most_42_bytes(text: str) -> str:
    if len(text.encode("cp932")) > 42:
        raise ValueError("too long")
    return text


def _as_list(value: object) -> object:
    """GMO's WarnList is a list, absent or null; one client has seen a single object."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


OrderId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,27}$")]
Yen = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,9}$")]
Minute = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
Url = Annotated[str, StringConstraints(max_length=256, pattern=r"^https?://[!-~]+$")]
LinkUrl = Annotated[str, StringConstraints(max_length=2048, pattern=r"^https?://[!-~]+$")]
Days = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?$")]
Contact = Annotated[str, StringConstraints(min_length=1), AfterValidator(_at_most_42_bytes)]
Phone = Annotated[str, StringConstraints(pattern=r"^[0-9-]{1,12}$")]
Hours = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$")]
ConfigId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,16}$")]
# The search answers with these unescaped between & and =, so neither may be in them.
ClientField = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:#/-]{0,100}$")]
Warnings = Annotated[tuple[object, ...], BeforeValidator(_as_list)]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Transaction(_Message):
    """What is to be paid, until when, and where the browser goes afterwards."""

    OrderID: OrderId
    Amount: Yen
    Tax: Literal["0"] = "0"
    ClientField1: ClientField
    ClientField2: ClientField
    ClientField3: ClientField
    PayMethods: tuple[Literal["credit", "cvs"]]
    RetUrl: Url
    CompleteUrl: Url
    CancelUrl: Url
    PaymentExpireDate: Minute
    ResultSkipFlag: Literal["0"] = "0"


class Credit(_Message):
    """Captured at once, in one payment, with 3-D Secure 2 or not at all."""

    JobCd: Literal["CAPTURE"] = "CAPTURE"
    Method: Literal["1"] = "1"
    TdFlag: Literal["2"] = "2"
    Tds2Type: Literal["2"] = "2"


class Cvs(_Message):
    """Days to pay and the inquiry lines that every slip must bear."""

    PaymentTermDay: Days
    ReceiptsDisp11: Contact
    ReceiptsDisp12: Phone
    ReceiptsDisp13: Hours


class LinkBody(_Message):
    """The body of ``GetLinkplusUrlPayment.json`` without the shop's id and password."""

    configid: ConfigId
    transaction: Transaction
    credit: Credit | None
    cvs: Cvs | None
    customer: dict[str, str] | None

    @model_validator(mode="after")
    def _slip_within_limit(self) -> Self:
        if self.cvs and int(self.transaction.Amount) > LARGEST_SLIP:
            raise ValueError("more than a convenience store takes")
        return self

    @model_validator(mode="after")
    def _terms_for_slips_only(self) -> Self:
        if (self.transaction.PayMethods == ("cvs",)) != (self.cvs is not None):
            raise ValueError("slip terms are for slips, and slips need them")
        return self


class LinkAnswer(_Message):
    """GMO's answer with the link; keys in lower case."""

    orderid: str | None = None
    linkurl: LinkUrl
    processdate: str | None = None
    warnlist: Warnings = ()


def link_body(request: LinkRequest, config_id: str) -> dict[str, object]:
    """Write *request* as GMO wants it. Raises :class:`Unsendable` naming the parts at fault."""
    if request.expires.tzinfo is None:
        raise Unsendable("transaction.PaymentExpireDate")
    raw = {
        "configid": config_id,
        "transaction": _transaction(request),
        "credit": {} if request.pay_type is PayType.CARD else None,
        "cvs": _cvs(request.slip) if request.slip else None,
        "customer": dict(fit(request.payer).sent) or None,
    }
    try:
        return LinkBody.model_validate(raw).model_dump(mode="json", exclude_none=True)
    except ValidationError as error:
        faults = _places(error)
    raise Unsendable(*faults)


def link_answer(answer: Mapping[str, object]) -> LinkAnswer:
    """Check GMO's answer. Raises :class:`UnknownOutcome` when there is no usable link in it."""
    try:
        return LinkAnswer.model_validate(answer)
    except ValidationError:
        pass
    # Outside the handler, so that the answer does not travel along as the error's context.
    raise UnknownOutcome("format", status=200)


def _transaction(request: LinkRequest) -> dict[str, object]:
    """All three addresses are the same, because which of them wins is told differently."""
    first, second, third = request.client_fields
    return {
        "OrderID": request.order_id,
        "Amount": str(request.amount),
        "ClientField1": first,
        "ClientField2": second,
        "ClientField3": third,
        "PayMethods": (request.pay_type.pay_method,),
        "RetUrl": request.return_url,
        "CompleteUrl": request.return_url,
        "CancelUrl": request.return_url,
        "PaymentExpireDate": _minute(request.expires),
    }


def _cvs(slip: SlipTerms) -> dict[str, str]:
    return {
        "PaymentTermDay": str(slip.days),
        "ReceiptsDisp11": slip.contact,
        "ReceiptsDisp12": slip.phone,
        "ReceiptsDisp13": slip.hours,
    }


def _minute(moment: datetime) -> str:
    return moment.astimezone(JST).strftime("%Y%m%d%H%M")


def _places(error: ValidationError) -> list[str]:
    """Name the parts at fault, without their values."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [".".join(str(step) for step in fault["loc"]) or "slip" for fault in found]
