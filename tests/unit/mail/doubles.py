"""What the tests of mail share: a mail service in memory, a society, an outbox with one mail."""

from collections.abc import Callable

from portal.config import Society, load_society
from portal.database import Item, Value
from portal.mail.deliver import Courier, Nothing, Outcome
from portal.mail.messages import compose
from portal.mail.outbox import Outbox, Row, queued
from portal.mail.sender import Letter, MailError
from tests.fakes import FixedClock, MemoryDatabase

TABLE = "outbox"
BASE_URL = "https://jgets-member.net"
MEMBER = "0123456789abcdefghjkmnpqrs"
PAID: dict[str, Value] = {
    "invoice_id": "2026-annual",
    "order_id": "D26-ABCDEFGHJKMNPQRS",
    "title": "2026年度 年会費",
    "amount": 10000,
    "paid_on": "2026-11-22",
}
SLIP: dict[str, Value] = {
    **PAID,
    "cvs_code": "10001",
    "conf_no": "2345",
    "receipt_no": "12345678901",
    "receipt_url": "",
    "term": "2026-12-06T14:59:59.000000Z",
}


def society() -> Society:
    """Return the society of society.toml."""
    return load_society()


class FakeSes:
    """The Sender port in memory. ``troubles`` are raised first, one a call.

    A trouble in ``troubles_after`` is raised although the mail was taken: an answer that got lost,
    or a crash of ours.
    """

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.tries = 0
        self.troubles: list[MailError] = []
        self.troubles_after: list[BaseException] = []
        self.while_sending: Callable[[], object] = lambda: None

    def send(self, letter: Letter) -> str:
        """Take a letter."""
        self.tries += 1
        if self.troubles:
            raise self.troubles.pop(0)
        self.letters.append(letter)
        self.while_sending()
        if self.troubles_after:
            raise self.troubles_after.pop(0)
        return f"message-{len(self.letters)}"


class PostOffice:
    """An outbox in memory with a courier; letters go to one address."""

    def __init__(self) -> None:
        self.database = MemoryDatabase()
        self.clock = FixedClock()
        self.ses = FakeSes()
        self.outbox = Outbox(self.database, TABLE)
        self.courier = Courier(self.outbox, self.prepare, self.ses, self.clock)

    def prepare(self, row: Row) -> Letter | Nothing:
        """Write the letter without looking anything up."""
        message = compose(row.kind, row.data, society=society(), base_url=BASE_URL)
        return Letter("hanako@example.jp", message.subject, message.text)

    def queue(self, mail_id: str = "card_paid#1", kind: str = "card_paid", **data: Value) -> str:
        """Put a mail into the outbox and return its id."""
        put = queued(
            TABLE,
            mail_id=mail_id,
            kind=kind,
            member_id=MEMBER,
            data=data or PAID,
            now=self.clock(),
        )
        self.database.commit(put)
        return mail_id

    def deliver(self, mail_id: str = "card_paid#1") -> Outcome:
        """Deliver one mail."""
        return self.courier.deliver(mail_id)

    def row(self, mail_id: str = "card_paid#1") -> Item:
        """Return a mail's row."""
        row = self.database.get(TABLE, {"pk": mail_id})
        assert row is not None
        return row
