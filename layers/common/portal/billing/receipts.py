"""The receipt's snapshot: what settlement writes down once, and what is chosen once afterwards.

The PDF is rendered from the snapshot alone, so it stays the same when the member's name, the
society's address or the title of the dues changes later. After it was written only the addressee
is added, once; that day is also the day of the first download, from which the mark 再発行 counts
(docs/decisions/0020-receipt-first-download.md). The office alone can issue it to another name, by
another number; what was replaced is kept beside it (docs/decisions/0040).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import cast

from portal.config import Society
from portal.database import (
    Differs,
    Either,
    Equals,
    Get,
    Item,
    Key,
    Missing,
    Path,
    Put,
    Update,
    Value,
)

PREFIX = "RCPT#"
REPLACED = "RCPTOLD#"
"""Begins the rows of receipts that another number has replaced."""


class Addressee(StrEnum):
    """To whom a receipt is made out (宛名). Free text is not offered: it could name anybody."""

    SELF = "self"
    WORKPLACE = "workplace"


HONORIFICS: Mapping[Addressee, str] = MappingProxyType(
    {Addressee.SELF: "様", Addressee.WORKPLACE: "御中"}
)

METHOD_WORDS: Mapping[str, str] = MappingProxyType(
    # A receipt for a card payment has to say so, or it would count as one for cash (印紙税法).
    {
        "card": "クレジットカード利用",
        "cvs": "コンビニエンスストア払",
        "bank": "銀行振込",
        "cash": "現金",
    }
)


@dataclass(frozen=True)
class Issuer:
    """Who issues the receipt, as it stood on that day."""

    name: str
    address: str
    phone: str
    hours: str
    mail: str
    registration_number: str


@dataclass(frozen=True)
class ReceiptSnapshot:
    """Everything a receipt shows.

    ``name`` and ``workplace`` (may be empty) are as the member confirmed them on the way to paying;
    they are the two addressees offered. ``amount`` is whole yen. ``received_on`` (領収日) and
    ``issued_on`` (発行日) are JST days. ``addressee_kind`` and ``addressed_on`` are None until the
    member has chosen. ``replaces`` is the number that ended when the office issued this one under
    another name, or empty.
    """

    member_id: str
    invoice_id: str
    number: str
    name: str
    workplace: str
    title: str
    fiscal_year: int
    amount: int
    received_on: date
    method: str
    order_id: str
    issued_on: date
    issuer: Issuer
    tax_note: str
    addressee_kind: Addressee | None = None
    addressed_on: date | None = None
    replaces: str = ""

    @property
    def chosen(self) -> bool:
        """Whether the addressee stands; it is never changed afterwards."""
        return self.addressee_kind is not None

    @property
    def offered(self) -> dict[Addressee, str]:
        """The names a member may choose from; an empty one is not to be had."""
        return {Addressee.SELF: self.name, Addressee.WORKPLACE: self.workplace}

    @property
    def shown_addressee(self) -> str:
        """The addressee; the member's own name as long as nothing was chosen."""
        return self.offered[self.addressee_kind or Addressee.SELF]

    @property
    def honorific(self) -> str:
        """What follows the addressee: 様 for a person, 御中 for an institution."""
        return HONORIFICS[self.addressee_kind or Addressee.SELF]

    def reissued(self, today: date) -> bool:
        """Whether a copy made *today* (JST) carries the mark 再発行."""
        first_over = self.addressed_on is not None and today > self.addressed_on
        # Of a replaced receipt copies may be anywhere, so there is no first copy any more.
        return first_over or bool(self.replaces)


def number(fiscal_year: int, member_no: str, attempt: int) -> str:
    """Return the receipt's number: derived, unique, never used again, not without gaps.

    *attempt* is the number of the payment within its invoice, counted from 1.
    """
    return f"{fiscal_year}-{member_no}-{attempt}"


def issuer_of(society: Society) -> Issuer:
    """Return the issuer's part of a snapshot."""
    return Issuer(
        name=society.receipt_issuer,
        address=society.receipt_issuer_address,
        phone=society.contact_phone,
        hours=society.contact_hours,
        mail=society.contact_mail,
        registration_number=society.receipt_registration_number,
    )


def key(member_id: str, invoice_id: str) -> Key:
    """Return the key of an invoice's receipt."""
    return {"pk": member_id, "sk": f"{PREFIX}{invoice_id}"}


def read(table: str, member_id: str, invoice_id: str) -> Get:
    """Return the read that finds a receipt under its member: nobody else's can be found."""
    return Get(table, key(member_id, invoice_id))


def written(table: str, snapshot: ReceiptSnapshot) -> Put:
    """Return the write that issues a receipt, for the transaction that marks the invoice paid.

    The same number is never written twice, which would forget a chosen addressee; a later payment
    of the invoice, after a refund, has a number of its own and replaces the void receipt.
    """
    unwritten = Either(Missing("pk"), Differs("number", snapshot.number))
    return Put(table, to_item(snapshot), when=(unwritten,))


def replaced(
    table: str, old: ReceiptSnapshot, new: ReceiptSnapshot, today: date
) -> tuple[Put, Put]:
    """Return the writes that put *new* in the place of *old*, which is kept as it was.

    They are rejected when *old* is not what stands there any more, also when its addressee was
    chosen meanwhile.
    """
    kind = old.addressee_kind
    unchosen = Equals("addressee_kind", kind.value) if kind else Missing("addressee_kind")
    past: Item = {
        **to_item(old),
        "sk": f"{REPLACED}{old.invoice_id}#{old.number}",
        "replaced_by": new.number,
        "replaced_on": today.isoformat(),
    }
    return (
        Put(table, to_item(new), when=(Equals("number", old.number), unchosen)),
        Put(table, past, when=(Missing("pk"),)),
    )


def addressed(table: str, snapshot: ReceiptSnapshot, kind: Addressee, today: date) -> Update:
    """Return the write that settles the addressee once. It is rejected when one stands already."""
    chosen: dict[Path, Value] = {
        "addressee_kind": kind.value,
        "addressed_on": today.isoformat(),
    }
    return Update(
        table,
        key(snapshot.member_id, snapshot.invoice_id),
        set=chosen,
        when=(Equals("number", snapshot.number), Missing("addressee_kind")),
    )


def to_item(snapshot: ReceiptSnapshot) -> Item:
    """Turn a snapshot into its row; what was not chosen yet has no attribute."""
    item: Item = {
        **key(snapshot.member_id, snapshot.invoice_id),
        "number": snapshot.number,
        "name": snapshot.name,
        "workplace": snapshot.workplace,
        "title": snapshot.title,
        "fiscal_year": snapshot.fiscal_year,
        "amount": snapshot.amount,
        "received_on": snapshot.received_on.isoformat(),
        "method": snapshot.method,
        "order_id": snapshot.order_id,
        "issued_on": snapshot.issued_on.isoformat(),
        "issuer": asdict(snapshot.issuer),
        "tax_note": snapshot.tax_note,
    }
    if snapshot.addressee_kind is not None and snapshot.addressed_on is not None:
        item["addressee_kind"] = snapshot.addressee_kind.value
        item["addressed_on"] = snapshot.addressed_on.isoformat()
    if snapshot.replaces:
        item["replaces"] = snapshot.replaces
    return item


def parse(item: Item) -> ReceiptSnapshot:
    """Turn a row into its snapshot. Raises KeyError or ValueError for a row of another shape."""
    kind, addressed_on = item.get("addressee_kind"), item.get("addressed_on")
    return ReceiptSnapshot(
        member_id=str(item["pk"]),
        invoice_id=str(item["sk"]).removeprefix(PREFIX),
        number=str(item["number"]),
        name=str(item["name"]),
        workplace=str(item.get("workplace") or ""),
        title=str(item["title"]),
        fiscal_year=cast("int", item["fiscal_year"]),
        amount=cast("int", item["amount"]),
        received_on=date.fromisoformat(str(item["received_on"])),
        method=str(item["method"]),
        order_id=str(item["order_id"]),
        issued_on=date.fromisoformat(str(item["issued_on"])),
        issuer=Issuer(**cast("dict[str, str]", item["issuer"])),
        tax_note=str(item["tax_note"]),
        addressee_kind=Addressee(str(kind)) if kind else None,
        addressed_on=date.fromisoformat(str(addressed_on)) if addressed_on else None,
        replaces=str(item.get("replaces", "")),
    )
