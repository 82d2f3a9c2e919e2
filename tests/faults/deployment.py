"""One deployment of the portal's payments in memory: the real code, wired as in the functions."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from functions.billing.come_back import ComeBack
from functions.gmo_webhook.door import Door
from functions.mailer.letters import LetterWriter
from functions.mailer.work import Mailer
from functions.settlement.payers import Payers
from functions.settlement.work import Work
from portal.accounts.store import CredentialStore
from portal.billing.asking import Asking
from portal.billing.bill_again import BillingAgain
from portal.billing.discrepancies import Discrepancies
from portal.billing.hints import Hints
from portal.billing.inbox import InboxStore
from portal.billing.office import ORDER_PREFIX as RECORDED_PREFIX
from portal.billing.office import Office
from portal.billing.open_payment import ORDER_PREFIX, PaymentOpening
from portal.billing.ports import Gateway
from portal.billing.reattach import Reattachment
from portal.billing.release_method import MethodRelease
from portal.billing.remind import Reminding
from portal.billing.replay import Replay
from portal.billing.settle import Settlement
from portal.billing.store import BillingStore
from portal.clock import Clock
from portal.config import Society
from portal.database import Database
from portal.mail.deliver import Courier, Nothing
from portal.mail.outbox import Outbox, Row
from portal.mail.sender import Letter, Sender
from tests.fake_gmo import SHOP_ID
from tests.unit.billing.house import RETURN_URL, STAGE, TABLES
from tests.unit.mail.doubles import BASE_URL
from tests.unit.pages.billing_desk import SHOP_PASS


class PlentyOfTime:
    """A context whose time never ends."""

    def get_remaining_time_in_millis(self) -> int:
        return 10**9


@dataclass(frozen=True)
class Deployment:
    """Every use case that turns a payment's wheel."""

    store: BillingStore
    opening: PaymentOpening
    releasing: MethodRelease
    settlement: Settlement
    hints: Hints
    work: Work
    door: Door
    come_back: ComeBack
    mailer: Mailer
    outbox: Outbox
    inbox: InboxStore
    office: Office
    billing_again: BillingAgain
    discrepancies: Discrepancies
    replay: Replay
    reminding: Reminding


type Look = Callable[[Row], Callable[[Letter], None]]
"""Looks at the rows before a mail is written, and returns what looks at the letter then."""


def deployed(  # noqa: PLR0917 - the ports, one by one.
    database: Database, gmo: Gateway, sender: Sender, clock: Clock, society: Society, look: Look
) -> Deployment:
    """Wire a deployment; its orders are counted, so that a seed names the same ones again."""
    store = BillingStore(database, TABLES.billing)
    inbox, outbox = InboxStore(database, TABLES.inbox), Outbox(database, TABLES.outbox)
    settlement = Settlement(
        database=database,
        store=store,
        gmo=gmo,
        clock=clock,
        society=society,
        stage=STAGE,
        outbox=TABLES.outbox,
        audit_table=TABLES.audit,
    )
    opening = PaymentOpening(
        database=database,
        store=store,
        gmo=gmo,
        settlement=settlement,
        clock=clock,
        society=society,
        stage=STAGE,
        return_url=RETURN_URL,
        audit_table=TABLES.audit,
        order_id=counted(ORDER_PREFIX),
    )
    payers = Payers(database, TABLES.members)
    reattachment = Reattachment(database, store, gmo, clock, society, STAGE, payers)
    hints = Hints(database, inbox, settlement, reattachment, clock, SHOP_ID)
    credentials = CredentialStore(database, TABLES.credentials)
    letters = LetterWriter(database, credentials, TABLES, society, BASE_URL, clock)

    def prepare(row: Row) -> Letter | Nothing:
        looked = look(row)
        letter = letters(row)
        if isinstance(letter, Nothing):
            return letter
        looked(letter)
        return letter

    discrepancies = Discrepancies(database, store, TABLES.audit)
    recorded = counted(RECORDED_PREFIX)
    return Deployment(
        store=store,
        opening=opening,
        releasing=MethodRelease(database, store, TABLES.audit),
        settlement=settlement,
        hints=hints,
        work=Work(inbox, hints, Asking(settlement, clock, lambda _: None), clock),
        door=Door(database, TABLES.inbox, clock),
        come_back=ComeBack(database, store, inbox, SHOP_PASS),
        mailer=Mailer(outbox, Courier(outbox, prepare, sender, clock), clock),
        outbox=outbox,
        inbox=inbox,
        office=Office(database, store, society, TABLES.outbox, TABLES.audit, recorded),
        billing_again=BillingAgain(store, TABLES.audit),
        discrepancies=discrepancies,
        replay=Replay(database, inbox, discrepancies, TABLES.audit),
        reminding=Reminding(database, store, clock, society, TABLES.outbox),
    )


def counted(prefix: str) -> Callable[[], str]:
    """Return a source of OrderIDs of the right form that does not depend on chance."""
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers):016d}"
