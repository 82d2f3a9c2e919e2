"""``dues release-method``: the office frees the method that 決定 fixed for one invoice (M24)."""

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Desk, Signature
from ops.exits import Status
from ops.invoices import Which, facts, invoice_of, line
from ops.people import whose
from portal.billing.office import OfficeError
from portal.billing.release_method import MethodRelease, NotReleasableError, fixed_method


def release(which: Which, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Free the method, or say why not."""
    desk.out.fact("done", value=False)
    try:
        _, invoice = invoice_of(which, desk)
        desk.say(whose(invoice.member_id, invoice.member_no, desk))
        desk.say(line(invoice))
        desk.out.fact("invoice", facts(invoice))
        fixed_method(invoice)
        if not yes:
            desk.say(ONLY_LOOKED)
            return DONE
        MethodRelease(desk.database, desk.store, desk.tables.audit).release(
            invoice.member_id,
            invoice.invoice_id,
            actor=signature.actor,
            reason=signature.reason,
            now=desk.clock(),
        )
    except (OfficeError, NotReleasableError) as error:
        desk.say(f"解除できません: {error.reason}")
        return REFUSED
    desk.out.fact("done", value=True)
    desk.say("支払方法の決定を解除しました。会員は支払方法を選び直せます。")
    return DONE
