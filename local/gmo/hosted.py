"""The pages of a payment link, as the payer sees them on a phone."""

import re
import unicodedata

from local.gmo import cards, stores, validation
from local.gmo import markup as m
from local.gmo.desk import AFTER_DEADLINE, CLOSED, RETRIES_USED_UP, STOPPED, Desk
from local.gmo.exchange import Answer, Call, see_other
from local.gmo.faults import Faults
from local.gmo.messages import return_content, signed
from local.gmo.orders import CARD, CVS, Order, OrderBook, Transaction
from local.gmo.settings import Settings
from local.gmo.times import readable, stamp

OVER = {
    "INVALID": ("このお取引はキャンセルされました", STOPPED),
    "EXPIRED": ("お支払い手続きの有効期限が過ぎています", AFTER_DEADLINE),
    "ERROR": ("お支払いの試行回数の上限を超えました", RETRIES_USED_UP),
}
HALF_WIDTH = re.compile(r"[ -~｡-ﾟ]")


class HostedPages:
    """Answers everything below a link's address."""

    def __init__(
        self, settings: Settings, public_url: str, faults: Faults, book: OrderBook, desk: Desk
    ) -> None:
        self._settings = settings
        self._public_url = public_url
        self._faults = faults
        self._book = book
        self._desk = desk

    def answer(self, token: str, step: str, call: Call) -> Answer:
        """`step` is "", `card`, `tds` or `cvs`; every POST is answered by 303 or the form again."""
        order = self._book.where(lambda candidate: candidate.token == token)
        if order is None:
            return missing()
        steps = {"card": self._card, "tds": self._tds, "cvs": self._cvs}
        if call.method == "POST" and step in steps:
            return steps[step](order, call)
        if call.method == "GET" and not step:
            return self._show(self._desk.visit(order.order_id), call)
        return missing()

    def _show(self, order: Order, call: Call) -> Answer:
        if order.page in CLOSED:
            return over(order)
        if order.page == "REQPROCESS":
            return challenge(order)
        if order.page in {"PAYSUCCESS", "REQSUCCESS"}:
            return self._result(order)
        offered = choices(order)
        method = call.query.get("method", "") if len(offered) > 1 else offered[0]
        if method == "credit" in offered:
            return self._card_form(order, declined(order))
        if method == "cvs" in offered:
            return self._cvs_form(order, customer(order), [])
        return self._choose(order)

    def _choose(self, order: Order) -> Answer:
        links = '<a class="choice" href="?method=credit">クレジットカード</a>'
        links += '<a class="choice" href="?method=cvs">コンビニエンスストア</a>'
        return Answer(m.page("お支払い方法の選択", summary(order), links, self._back(order)))

    def _card(self, order: Order, call: Call) -> Answer:
        typed = call.form()
        if "credit" not in choices(order):
            return missing()
        number = cards.read_number(typed.get("card_number", ""))
        expire = cards.read_expire(typed.get("expire", ""))
        problems = [
            message
            for good, message in (
                (number, "カード番号を数字で入力してください。"),
                (expire, "有効期限を「月/年」の形（例 12/28）で入力してください。"),
                (cards.read_cvc(typed.get("cvc", "")), "セキュリティコードを入力してください。"),
            )
            if not good
        ]
        current = self._desk.visit(order.order_id)
        if problems and current.page not in CLOSED:
            return self._card_form(current, problems)
        if current.page not in CLOSED:
            self._desk.pay_by_card(order.order_id, number, expire)
        return see_other(self._link(order) + link_choice(order, "credit"))

    def _card_form(self, order: Order, problems: list[str]) -> Answer:
        fields = m.form(
            f"{self._link(order)}/card",
            m.field("card_number", "カード番号", inputmode="numeric", autocomplete="cc-number"),
            m.field("expire", "有効期限（月/年）", placeholder="12/28", autocomplete="cc-exp"),
            m.field("cvc", "セキュリティコード", inputmode="numeric", autocomplete="cc-csc"),
            m.button("支払う"),
        )
        parts = (m.errors(problems), summary(order), m.card(fields), self._back(order))
        return Answer(m.page("クレジットカードでのお支払い", *parts))

    def _tds(self, order: Order, call: Call) -> Answer:
        answer = call.form().get("answer", "")
        if answer in {"ok", "cancel"}:
            self._desk.answer_challenge(order.order_id, answer == "ok")
        return see_other(self._link(order) + link_choice(order, "credit"))

    def _cvs(self, order: Order, call: Call) -> Answer:
        typed = call.form()
        if "cvs" not in choices(order):
            return missing()
        current = self._desk.visit(order.order_id)
        problems = slip_problems(typed)
        if problems and current.page not in CLOSED:
            return self._cvs_form(current, typed, problems)
        if current.page not in CLOSED:
            chain = stores.CHAINS[typed["cvs"]]
            self._desk.issue_slip(order.order_id, chain, self._public_url)
        return see_other(self._link(order))

    def _cvs_form(self, order: Order, values: dict[str, str], problems: list[str]) -> Answer:
        chains = [(chain.code, chain.name) for chain in stores.CHAINS.values()]
        fields = m.form(
            f"{self._link(order)}/cvs",
            m.radios("cvs", "お支払いになるコンビニ", chains, values.get("cvs", "")),
            m.field("name", "お名前（全角）", values.get("name", ""), autocomplete="name"),
            m.field("kana", "フリガナ（全角カタカナ）", values.get("kana", "")),
            m.field("tel", "電話番号", values.get("tel", ""), "tel", autocomplete="tel"),
            m.button("申し込む"),
        )
        parts = (m.errors(problems), summary(order), m.card(fields), self._back(order))
        return Answer(m.page("コンビニエンスストアでのお支払い", *parts))

    def _result(self, order: Order) -> Answer:
        tran = order.transactions[CARD if order.page == "PAYSUCCESS" else CVS]
        skip = order.text("transaction", "ResultSkipFlag") == "1"
        script = "<script>document.forms[0].submit()</script>"
        at_once = script if skip and self._returns(order, "CompleteUrl") else ""
        back = self._return_form(order, "サイトに戻る", "CompleteUrl")
        if tran.pay_type == CARD:
            done = m.card("<h2>お支払いが完了しました</h2>", summary(order))
            return Answer(m.page("お支払い完了", done, back, at_once))
        slip = m.card("<h2>コンビニの窓口でお支払いください</h2>", summary(order), numbers(tran))
        return Answer(m.page("お申し込み完了", slip, back, at_once))

    def _back(self, order: Order) -> str:
        return self._return_form(order, "支払わずに戻る", "CancelUrl", quiet=True)

    def _returns(self, order: Order, other_key: str) -> str:
        """Where a return goes, "" when it is to go nowhere. RetUrl goes before the other two."""
        if self._faults.browser_return == "never":
            return ""
        return order.text("transaction", "RetUrl") or order.text("transaction", other_key)

    def _return_form(self, order: Order, text: str, other_key: str, quiet: bool = False) -> str:
        target = self._returns(order, other_key)
        if not target:
            return f"<button disabled>{text}（現在ご利用になれません）</button>"
        content = return_content(order, stamp(self._settings.clock()))
        result = m.hidden("result", signed(content, self._settings.shop_pass))
        return m.form(target, result, m.button(text, quiet))

    def receipt(self, access_id: str) -> Answer:
        """The printable slip of ReceiptUrl."""

        def has_it(order: Order) -> bool:
            return CVS in order.transactions and order.transactions[CVS].access_id == access_id

        order = self._book.where(has_it)
        if order is None:
            return missing()
        return Answer(m.page("払込票", m.card(summary(order), numbers(order.transactions[CVS]))))

    def _link(self, order: Order) -> str:
        return f"/v2/plus/{self._settings.shop_id}/checkout/{order.token}"


def choices(order: Order) -> list[str]:
    """What a link offers; no slip above the stores' highest amount."""
    most = stores.HIGHEST_TOTAL
    return [x for x in order.pay_methods if x != "cvs" or order.total <= most] or ["credit"]


def link_choice(order: Order, method: str) -> str:
    """Leads back to the form in use when a link offers more than one."""
    return f"?method={method}" if len(choices(order)) > 1 else ""


def declined(order: Order) -> list[str]:
    """What became of the last card, for the next try."""
    tran = order.transactions.get(CARD)
    if tran is None or not tran.err_info:
        return []
    return [cards.message(tran.err_info) + f"（{tran.err_info}）"]


def customer(order: Order) -> dict[str, str]:
    """The slip's form as the shop filled it in."""
    keys = {"name": "CustomerName", "kana": "CustomerKana", "tel": "TelNo"}
    return {name: order.text("customer", key) for name, key in keys.items()}


def slip_problems(typed: dict[str, str]) -> list[str]:
    """What is wrong with the slip's form, in plain Japanese with GMO's code."""
    name, kana, tel = (typed.get(key, "") for key in ("name", "kana", "tel"))
    found = []
    if typed.get("cvs") not in stores.CHAINS:
        found.append("お支払いになるコンビニを選んでください。")
    if not name.strip() or validation.columns(name) > 40 or unreadable(name):
        found.append("お名前を全角20文字以内で入力してください。（M01010013）")
    elif typed.get("cvs") == "00007" and HALF_WIDTH.search(name):
        found.append("セブン-イレブンではお名前に半角の文字を使えません。（M01010013）")
    if validation.columns(kana) > 40 or not validation.KATAKANA.fullmatch(kana):
        found.append("フリガナを全角カタカナ20文字以内で入力してください。（M01011013）")
    if not re.fullmatch(r"[0-9-]{1,13}", tel):
        found.append("電話番号を半角数字とハイフンで入力してください。（M01012008）")
    return found


def unreadable(text: str) -> bool:
    """Whether a text has characters that Windows-31J lacks, or control characters."""
    try:
        text.encode("cp932")
    except UnicodeEncodeError:
        return True
    return any(unicodedata.category(c) == "Cc" for c in text)


def challenge(order: Order) -> Answer:
    """The card company's own page of 3-D Secure."""
    buttons = m.form(
        f"{order.token}/tds",
        m.button("認証する", name="answer", value="ok"),
        m.button("キャンセル", quiet=True, name="answer", value="cancel"),
    )
    text = "<p>カード会社がご本人であることを確認します。</p>"
    return Answer(m.page("本人認証（3Dセキュア）", m.card(text, summary(order), buttons)))


def over(order: Order) -> Answer:
    """A link that leads nowhere any more."""
    title, code = OVER[order.page]
    return Answer(m.page(title, m.errors([f"エラーコード {code}"]), summary(order)))


def missing() -> Answer:
    """No such page."""
    text = m.page("ページが見つかりません", m.errors(["アドレスをお確かめください。"]))
    return Answer(text, 404)


def summary(order: Order) -> str:
    """Order and amount."""
    shop = order.text("displaysetting", "ShopName")
    shown = order.text("transaction", "TranDetailShowFlag") == "1"
    detail = order.text("transaction", "Detail") if shown else ""
    pairs = [
        ("ショップ", shop),
        ("内容", detail),
        ("オーダーID", order.order_id),
        ("お支払い金額", m.yen(order.total)),
    ]
    return m.facts((key, value) for key, value in pairs if value)


def numbers(tran: Transaction) -> str:
    """What the payer needs at the store."""
    chain = stores.CHAINS[tran.cvs_code]
    values = {"conf": tran.conf_no, "receipt": tran.receipt_no}
    needed = [(label, values[which]) for label, which in chain.labels]
    around = [("お支払い先", chain.name), ("お支払い期限", readable(tran.payment_term))]
    return m.facts(around) + m.facts(needed, numbers=True)
