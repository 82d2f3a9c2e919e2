"""会費支払明細, one invoice, the choice of the method, and the way back from GMO."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from functions.billing.come_back import ComeBack
from functions.billing.view import METHOD_WORDS, InvoiceView, awaiting, invoice_view, ordered
from portal.billing.account import Account, account
from portal.billing.model import CHOICES, Invoice, Method, PaymentState, Standing
from portal.billing.open_payment import (
    LinkRefusedError,
    MethodFixedError,
    MethodMissingError,
    PaymentError,
    PaymentOpening,
    StillOpenError,
)
from portal.billing.store import BillingStore
from portal.billing.terms import offered
from portal.clock import jst_date
from portal.config import Config
from portal.database import Database, Read
from portal.gmo.errors import GmoError
from portal.gmo.link import Payer
from portal.log import count
from portal.members import store as members
from portal.members.model import Member
from portal.web.errors import NotFound, Unavailable
from portal.web.http import Request, Response, redirect
from portal.web.render import Renderer
from portal.web.routing import Gate, Route

BASE = "/member/billing"
ONE = "/member/billing/{invoice_id}"

CHOOSE = "お支払方法を選択してください。"
NOT_OFFERED = "お支払い期限が近いため、この支払方法は選択できません。"
FIXED = (
    "この会費のお支払い方法は「{method}」に決定済みです。"
    "変更が必要なときは事務局へお問い合わせください。"
)
STILL_OPEN = (
    "前回のお支払い手続きが GMO で終わっていないため、まだやり直せません。"
    "二重のお支払いを防ぐためです。時間をおいて、もう一度お試しください。"
)
REFUSED = (
    "お支払い手続きを始められませんでした。少し時間をおいて、もう一度「決定」を押してください。"
)


@dataclass(frozen=True)
class BillingPages:
    """The pages of billing. *opening* and *come_back* are made when a form needs them."""

    config: Config
    database: Database
    renderer: Renderer
    opening: Callable[[], PaymentOpening]
    come_back: Callable[[], ComeBack]

    def routes(self) -> list[Route]:
        """Return the routes of this function."""
        payment = f"{ONE}/payment"
        return [
            Route("GET", BASE, Gate.MEMBER, self.statement, self._account),
            # Before /{invoice_id}: API Gateway prefers the literal path, and so do we.
            Route("POST", f"{BASE}/return", Gate.PUBLIC, self.returned, csrf=False),
            Route("GET", ONE, Gate.MEMBER, self.invoice, self._account),
            Route("GET", f"{ONE}/start", Gate.MEMBER, self.start, self._account_and_member),
            Route("GET", payment, Gate.MEMBER, self.choose, self._account_and_member),
            Route("POST", payment, Gate.MEMBER, self.decide, self._account_and_member),
        ]

    # Handlers

    def statement(self, request: Request) -> Response:
        """会費支払明細: every year's dues and how each stands."""
        found = _account(request)
        views = [invoice_view(found, one, request.now) for one in ordered(found)]
        return self.renderer.page(request, "billing.html", views=views, Standing=Standing)

    def invoice(self, request: Request) -> Response:
        """One invoice: 完了, 確認中, 失敗, or the numbers of its slip."""
        view = _view(request)
        return self.renderer.page(
            request,
            "invoice.html",
            view=view,
            Standing=Standing,
            awaiting=awaiting(view),
            errors={},
        )

    def start(self, request: Request) -> Response:
        """Lead to the edit page or, once the record was confirmed today, to the payment page."""
        view = _view(request)
        if not view.invoice.payable or (view.live is not None and not view.way_on):
            return redirect(_path(view.invoice))
        if not _confirmed(request, days=0):
            return redirect(f"/member/profile/edit?invoice={view.invoice.invoice_id}")
        return redirect(f"{_path(view.invoice)}/payment")

    def choose(self, request: Request) -> Response:
        """お支払い方法: the choice, or what was chosen and the way to GMO's page."""
        view = _view(request)
        if not view.invoice.payable or view.standing is Standing.SLIP:
            return redirect(_path(view.invoice))
        if view.live is None and not _confirmed(request, days=0):
            return redirect(f"/member/profile/edit?invoice={view.invoice.invoice_id}")
        return self._payment_page(request, view, {})

    def decide(self, request: Request) -> Response:
        """決定, or お支払い手続きをやり直す where no method is sent."""
        view = _view(request)
        if not view.invoice.payable:
            return redirect(_path(view.invoice))
        if not _confirmed(request, days=1):
            return redirect(f"/member/profile/edit?invoice={view.invoice.invoice_id}")
        try:
            self._pressed(request, view)
        except PaymentError as error:
            text, status = _told(error, request)
            return self._payment_page(request, view, {"method": text}, status)
        except GmoError as error:
            count("AskFailed")
            raise Unavailable(str(error)) from None
        return redirect(f"{_path(view.invoice)}/payment")

    def returned(self, request: Request) -> Response:
        """Where GMO sends the browser: without a session, and nothing is believed."""
        order = self.come_back().take(request)
        if order is None:
            return redirect(BASE)
        return redirect(f"{BASE}/{order.invoice_id}")

    # Parts

    def _pressed(self, request: Request, view: InvoiceView) -> None:
        chosen = request.form.get("method")
        payer, workplace = _payer(_member(request))
        opening, found = self.opening(), _account(request)
        if chosen is None:
            opening.again(found, view.invoice, payer, workplace)
            return
        method = next((one for one in CHOICES if one.value == chosen), None)
        if method is None:
            raise MethodMissingError
        opening.decide(found, view.invoice, method, payer, workplace)

    def _payment_page(
        self, request: Request, view: InvoiceView, errors: dict[str, str], status: int = 200
    ) -> Response:
        methods = [(one.value, METHOD_WORDS[one]) for one in self._offered(request, view)]
        created = view.live is not None and view.live.state is PaymentState.CREATED
        return self.renderer.page(
            request,
            "payment.html",
            status,
            view=view,
            methods=methods,
            created=created,
            Standing=Standing,
            errors=errors,
        )

    def _offered(self, request: Request, view: InvoiceView) -> Sequence[Method]:
        return offered(self.config.society, view.invoice, request.now)

    def _account(self, member_id: str, _request: Request) -> Sequence[Read]:
        return (BillingStore(self.database, self.config.tables.billing).account_query(member_id),)

    def _account_and_member(self, member_id: str, request: Request) -> Sequence[Read]:
        profile = members.read(self.config.tables.members, member_id)
        return (*self._account(member_id, request), profile)


def _told(error: PaymentError, request: Request) -> tuple[str, int]:
    """Return what a member is told about a press that led nowhere, and the status."""
    match error:
        case MethodFixedError(method=method):
            return FIXED.format(method=METHOD_WORDS[method]), 422
        case StillOpenError():
            return STILL_OPEN, 409
        case LinkRefusedError():
            return REFUSED, 503
    known = request.form.get("method") in [one.value for one in CHOICES]
    return (NOT_OFFERED if known else CHOOSE), 422


def _account(request: Request) -> Account:
    rows = request.beside[0]
    return account(rows if isinstance(rows, list) else [])


def _view(request: Request) -> InvoiceView:
    """Return the invoice of the path, which is this member's or nobody's. Raises NotFound."""
    found = _account(request)
    invoice = found.invoice(request.params.get("invoice_id", ""))
    if invoice is None:
        raise NotFound("no such invoice of this member")
    return invoice_view(found, invoice, request.now)


def _member(request: Request) -> Member:
    row = request.beside[1]
    if not isinstance(row, dict):
        raise NotFound("no record")
    return members.parse(row)


def _confirmed(request: Request, *, days: int) -> bool:
    """Tell whether the member confirmed the record today, or within *days* before (S22, 当日)."""
    confirmed: date | None = _member(request).confirmed_on
    earliest = jst_date(request.now) - timedelta(days=days)
    return confirmed is not None and confirmed >= earliest


def _payer(member: Member) -> tuple[Payer, str]:
    """Return what GMO's page and the receipt are told of the member, and the workplace."""
    record = member.record
    payer = Payer(
        name=f"{record.family_name} {record.given_name}",
        kana=f"{record.family_name_kana}{record.given_name_kana}",
        phone=record.mobile or record.phone,
        mail=record.email,
    )
    return payer, record.workplace


def _path(invoice: Invoice) -> str:
    return f"{BASE}/{invoice.invoice_id}"
