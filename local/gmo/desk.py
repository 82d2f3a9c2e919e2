"""What happens to orders: paying, depositing, running out, cancelling. Each tells the receiver."""

import secrets
from datetime import datetime

from local.gmo import cards, stores
from local.gmo.messages import notification
from local.gmo.notifications import Postman
from local.gmo.orders import CARD, CVS, PAID_BY_CARD, Order, OrderBook, Transaction
from local.gmo.settings import Settings
from local.gmo.times import end_of_day, parse_minute, parse_stamp, stamp

FINISHED = {"PAYSUCCESS", "REQSUCCESS"}
CLOSED = {"INVALID", "EXPIRED", "ERROR"}
AFTER_DEADLINE = "EZ1043015"
RETRIES_USED_UP = "EZ1042009"
STOPPED = "EZ3001001"
LAST_DAY_TO_ALTER = 180


class Refusal(Exception):
    """What was asked for does not fit the state of the order; the text is GMO's code or words."""


class Desk:
    """The acts on orders. One change of the book each; notifications go out after it is stored."""

    def __init__(self, settings: Settings, book: OrderBook, postman: Postman) -> None:
        self._settings = settings
        self._book = book
        self._postman = postman

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self._settings.clock()

    def visit(self, order_id: str) -> Order:
        """The payer opens the link: its clock starts, and it may turn out to be over."""
        with self._book.change(order_id) as order:
            if order.page == "CREATE":
                order.page = "PAYSTART"
                order.first_access = stamp(self.now)
            if order.page not in FINISHED | CLOSED | {"REQPROCESS"} and self.is_over(order):
                order.page = "EXPIRED"
            return order

    def is_over(self, order: Order) -> bool:
        """Whether the deadline of a link has passed: the earlier one of its two kinds."""
        ends = []
        if minute := order.text("transaction", "PaymentExpireDate"):
            ends.append(stamp(parse_minute(minute))[:12] + "59")
        if (days := order.text("transaction", "ExpireDays")) and order.first_access:
            ends.append(end_of_day(parse_stamp(order.first_access), int(days)))
        return bool(ends) and stamp(self.now) > min(ends)

    def pay_by_card(self, order_id: str, number: str, expire: str) -> None:
        """The payer submits a card. Nothing happens on a link that is finished or closed."""
        with self._book.change(order_id) as order:
            if order.page in FINISHED | CLOSED:
                return
            if self._too_often(order):
                order.page = "ERROR"
                return
            order.attempts += 1
            wish = order.text("credit", "Tds2Type")
            result = cards.outcome(number, expire, self.now, wish)
            tran = self._card_transaction(order)
            tran.card_no, tran.expire, tran.method = cards.masked(number), expire, "1"
            if result.kind == "challenge":
                tran.status, order.page = "AUTHENTICATED", "REQPROCESS"
                order.pending_card = {"error": result.error}
                return
            self._finish_card(order, tran, result.error)
        self._tell(order, tran)

    def _too_often(self, order: Order) -> bool:
        most = order.text("transaction", "RetryMax")
        return bool(most) and order.attempts >= int(most)

    def answer_challenge(self, order_id: str, authenticated: bool) -> None:
        """The payer answers the 3-D Secure page; also after the deadline, as in life."""
        with self._book.change(order_id) as order:
            if order.page != "REQPROCESS":
                return
            tran = order.transactions[CARD]
            error = order.pending_card.get("error", "")
            self._finish_card(order, tran, error if authenticated else cards.CANCELLED_BY_PAYER)
        self._tell(order, tran)

    def _finish_card(self, order: Order, tran: Transaction, error: str) -> None:
        order.pending_card = {}
        order.page = "PAYSTART" if error else "PAYSUCCESS"
        now = stamp(self.now)
        tran.process_date = tran.tran_date = now
        tran.err_code, tran.err_info = error[:3], error
        tran.status = "UNPROCESSED" if error else tran.job_cd
        if error:
            tran.card_no = tran.expire = tran.method = ""
            return
        tran.forward = "2a99662"
        tran.tran_id = now[2:12] + "1" * 12 + stores.digits(6)
        tran.approve = " " + f"{secrets.randbelow(10**6):06}"

    def _card_transaction(self, order: Order) -> Transaction:
        job = order.text("credit", "JobCd") or "CAPTURE"
        return order.transactions.setdefault(CARD, self._new_transaction(order, CARD, job))

    def _new_transaction(self, order: Order, pay_type: str, job_cd: str) -> Transaction:
        return Transaction(
            pay_type=pay_type,
            access_id=secrets.token_hex(16),
            access_pass=secrets.token_hex(16),
            status="UNPROCESSED",
            job_cd=job_cd,
            amount=order.amount,
            tax=order.tax,
            process_date=stamp(self.now),
        )

    def issue_slip(self, order_id: str, chain: stores.Chain, public_url: str) -> None:
        """The payer chooses a store and gets the numbers to pay there."""
        with self._book.change(order_id) as order:
            if order.page in FINISHED | CLOSED:
                return
            tran = order.transactions[CVS] = self._new_transaction(order, CVS, "")
            days = order.text("cvs", "PaymentTermDay")
            tran.status = order.page = "REQSUCCESS"
            tran.tran_date = tran.process_date
            tran.cvs_code = chain.code
            tran.conf_no, tran.receipt_no = stores.conf_no(chain), stores.receipt_no(chain)
            tran.receipt_url = f"{public_url}/receipt/{tran.access_id}"
            tran.payment_term = end_of_day(self.now, int(days or self._settings.default_term_days))
        self._tell(order, tran)

    def deposit(self, order_id: str) -> Order:
        """Money arrives at the store; also late, after the slip had run out."""
        with self._book.change(order_id) as order:
            tran = transaction(order, CVS)
            if tran.status not in {"REQSUCCESS", "EXPIRED"}:
                raise Refusal(f"a slip in state {tran.status} takes no money")
            tran.status = "PAYSUCCESS"
            tran.process_date = tran.finish_date = tran.receipt_date = stamp(self.now)
        self._tell(order, tran)
        return order

    def expire(self, order_id: str) -> Order:
        """The slip runs out; without a slip the link does, and nobody is told, as in life."""
        with self._book.change(order_id) as order:
            tran = order.transactions.get(CVS)
            if tran is None:
                if order.page in FINISHED:
                    raise Refusal("a finished payment does not run out")
                order.page = "EXPIRED"
                return order
            if tran.status != "REQSUCCESS":
                raise Refusal(f"a slip in state {tran.status} does not run out")
            tran.status, tran.process_date = "EXPIRED", stamp(self.now)
        self._tell(order, tran)
        return order

    def refund(self, order_id: str) -> Order:
        """The office returns a card payment on GMO's admin page, whatever the date."""
        with self._book.change(order_id) as order:
            tran = transaction(order, CARD)
            if tran.status not in PAID_BY_CARD:
                raise Refusal(f"a card payment in state {tran.status} cannot be returned")
            self._turn_back(tran, "RETURN")
        self._tell(order, tran)
        return order

    def alter(self, order_id: str, job_cd: str) -> Transaction:
        """AlterTran. Raises Refusal with GMO's code when state or dates do not allow it."""
        with self._book.change(order_id) as order:
            tran = transaction(order, CARD)
            self._check_alter(tran, job_cd)
            self._turn_back(tran, job_cd)
        self._tell(order, tran)
        return tran

    def _check_alter(self, tran: Transaction, job_cd: str) -> None:
        if tran.status in {"VOID", "RETURN", "RETURNX", "CANCEL"}:
            raise Refusal("E11010999")
        able = {"AUTH"} if job_cd == "SALES" else PAID_BY_CARD | {"AUTH"}
        if tran.status not in able or not self._fits_date(tran, job_cd):
            raise Refusal("E11010003")
        if self._days_since(tran) > LAST_DAY_TO_ALTER:
            raise Refusal("E11010010")

    def _days_since(self, tran: Transaction) -> int:
        return (self.now - parse_stamp(tran.tran_date)).days

    def _fits_date(self, tran: Transaction, job_cd: str) -> bool:
        """VOID on the same day, RETURN in the same month, RETURNX later, all in Japan."""
        today, then = stamp(self.now), tran.tran_date
        same_month, same_day = today[:6] == then[:6], today[:8] == then[:8]
        rules = {"VOID": same_day, "RETURN": same_month, "RETURNX": not same_month}
        return rules.get(job_cd, True)

    def _turn_back(self, tran: Transaction, job_cd: str) -> None:
        tran.status = tran.job_cd = job_cd
        now = tran.process_date = tran.tran_date = stamp(self.now)
        tran.tran_id = now[2:12] + "1" * 12 + stores.digits(6)

    def cancel_slip(self, order_id: str) -> None:
        """CvsCancel. Raises Refusal with GMO's code when the slip cannot be stopped any more."""
        with self._book.change(order_id) as order:
            tran = transaction(order, CVS)
            if tran.status != "REQSUCCESS":
                raise Refusal("M01054004")
            if self._days_since(tran) > LAST_DAY_TO_ALTER:
                raise Refusal("E11010011")
            tran.status, tran.process_date = "CANCEL", stamp(self.now)
        self._tell(order, tran)

    def reject(self, order_id: str) -> None:
        """Stops a link. Raises Refusal with GMO's code when a payment is done or under way."""
        with self._book.change(order_id) as order:
            if order.page in FINISHED | {"REQPROCESS"}:
                raise Refusal("EZ2278010")
            order.page = "INVALID"

    def _tell(self, order: Order, tran: Transaction) -> None:
        self._postman.post(notification(self._settings.shop_id, order, tran))


def transaction(order: Order, pay_type: str) -> Transaction:
    """A transaction that must be there. Raises Refusal otherwise."""
    if pay_type not in order.transactions:
        raise Refusal("there is no such transaction")
    return order.transactions[pay_type]
