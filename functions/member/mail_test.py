"""The page 届いていますか: a mail to oneself, and on the same page what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.member.beside import member_of
from portal.clock import until_next_hour
from portal.database import Database, Read
from portal.log import count
from portal.mail import maillog
from portal.mail.maillog import Logged, MailLog
from portal.mail.outbox import State
from portal.members import mail_test, store
from portal.members.confirm_email import ConfirmTables
from portal.web.errors import BadRequest, TooManyTries
from portal.web.http import Request, Response, redirect
from portal.web.render import Renderer

PATH = "/member/mail-test"

_SUPPRESSED = "OnAccountSuppressionList"
_REASONS = (
    ("Permanent/NoEmail", "このメールアドレスは存在しないと、宛先のサーバーが答えました。"),
    ("Permanent/" + _SUPPRESSED, "以前に届かなかったため、送信を止めているアドレスです。"),
    ("Permanent/Suppressed", "以前に届かなかったため、送信を止めているアドレスです。"),
    ("Permanent/", "このメールアドレスは使えないと、宛先のサーバーが答えました。"),
    ("Transient/MailboxFull", "メールボックスの容量がいっぱいです。"),
    ("Transient/MessageTooLarge", "宛先のサーバーが、メールの大きさを理由に受け取りませんでした。"),
    (
        "Transient/ContentRejected",
        "宛先のサーバーが、迷惑メールの設定などにより受け取りませんでした。",
    ),
    ("Transient/", "宛先のサーバーが、一時的に受け取れませんでした。"),
    ("complaint/", "宛先のメールサービスで、迷惑メールとして報告されました。"),
)
_ANY_REASON = "宛先のサーバーが受け取りませんでした。"


@dataclass(frozen=True)
class Answer:
    """What the page says of one test: its state in one word, and why where it did not arrive."""

    state: str
    reason: str = ""


def answer_of(test: Logged) -> Answer:
    """Return what is known of a test mail; bad news stands above good news."""
    if test.complained_at is not None:
        return Answer("failed", reason(test.complained_why))
    if test.bounced_at is not None:
        return Answer("failed", reason(test.bounced_why))
    if test.delivered_at is not None:
        return Answer("arrived")
    if test.waiting:
        return Answer("sending")
    return Answer("sent" if test.state is State.SENT else "unsent")


def reason(why: str) -> str:
    """Return SES's word for a failure as a member can understand it."""
    return next((text for begin, text in _REASONS if why.startswith(begin)), _ANY_REASON)


class MailTestPage:
    """Shows the page and answers its button."""

    def __init__(self, database: Database, tables: ConfirmTables, renderer: Renderer) -> None:
        self._database = database
        self._tables = tables
        self._renderer = renderer
        self._log = MailLog(database, tables.outbox)

    def beside(self, member_id: str, request: Request) -> Sequence[Read]:
        """Return what is read beside the session: the record, and the test that the query names."""
        record = store.read(self._tables.members, member_id)
        mail_id = mail_test.mail_id(member_id, request.query.get("test", ""))
        return [record, self._log.read(mail_id)] if mail_id else [record]

    def show(self, request: Request) -> Response:
        """Show the button, and above it the answer of the last test."""
        member, answer = member_of(request), None
        match request.beside:
            case [_, dict() as row]:
                answer = answer_of(maillog.parse(row))
        return self._renderer.page(
            request,
            "mail_test.html",
            member=member,
            answer=answer,
            # The answer to a test that arrived is newer than the mark, which ends with it.
            fails=member.mail_fails and not (answer and answer.state == "arrived"),
            why=reason(member.mail_fault.why) if member.mail_fault else "",
            again=f"{PATH}?test={request.query.get('test', '')}",
        )

    def start(self, request: Request) -> Response:
        """Answer テストメールを送る: queue it, and lead to the page that tells of it."""
        if not set(request.form) <= {"csrf"}:
            raise BadRequest("a field the page does not have")
        member = member_of(request)
        if not member.record.email:
            return redirect(PATH)
        slot = mail_test.start(self._database, self._tables, member, request.now)
        if slot is None:
            raise TooManyTries(until_next_hour(request.now))
        count("MailTest")
        return redirect(f"{PATH}?test={slot}")
