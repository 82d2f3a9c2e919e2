"""``release-method``: the office frees the method that 決定 fixed for one invoice (M24).

Without ``--invoice`` the member's invoices are listed; without ``--yes`` nothing is written.
"""

from dataclasses import dataclass

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Say
from portal.accounts.store import CredentialStore
from portal.billing.model import Invoice
from portal.billing.release_method import MethodRelease, NotReleasableError, fixed_method
from portal.billing.store import BillingStore
from portal.clock import Clock
from portal.config import Tables
from portal.database import Database


@dataclass(frozen=True)
class Wish:
    """What was typed. *actor* is the office worker's name for the audit."""

    member_no: str
    invoice_id: str
    reason: str
    actor: str
    yes: bool


def release(wish: Wish, database: Database, tables: Tables, clock: Clock, say: Say) -> int:
    """Free the method, or say why not. Returns the command's exit status."""
    credential = CredentialStore(database, tables.credentials).find(wish.member_no)
    if credential is None:
        say(f"会員番号 {wish.member_no} は登録されていません。")
        return REFUSED
    store = BillingStore(database, tables.billing)
    invoices = store.account(credential.member_id).invoices
    wanted = next((one for one in invoices if one.invoice_id == wish.invoice_id), None)
    if wanted is None:
        for invoice in invoices:
            say(line(invoice))
        say("--invoice に上の請求番号を指定してください。")
        return REFUSED
    say(line(wanted))
    return _released(wish, wanted, MethodRelease(database, store, tables.audit), clock, say)


def _released(
    wish: Wish, invoice: Invoice, release_of: MethodRelease, clock: Clock, say: Say
) -> int:
    try:
        fixed_method(invoice)
        if not wish.yes:
            say(ONLY_LOOKED)
            return DONE
        release_of.release(
            invoice.member_id,
            invoice.invoice_id,
            actor=f"office:{wish.actor}",
            reason=wish.reason,
            now=clock(),
        )
    except NotReleasableError as error:
        say(f"解除できません: {error.reason}")
        return REFUSED
    say("支払方法の決定を解除しました。会員は支払方法を選び直せます。")
    return DONE


def line(invoice: Invoice) -> str:
    """Return one invoice in one line, as the office reads it."""
    method = invoice.method.value if invoice.method else "未決定"
    live = "手続き中" if invoice.live_order else "手続きなし"
    return (
        f"{invoice.invoice_id}  {invoice.title}  {invoice.amount:,}円  "
        f"{invoice.state.value}  支払方法: {method}  {live}"
    )
