"""A new initial password for one member: the old one, all sessions and mailed links end (M6)."""

from pathlib import Path

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Desk, Signature, japanese, named
from ops.exits import Status
from ops.letters.address import address_of, without_mail
from ops.letters.batches import Batch
from ops.letters.letter import Letter, LetterPrinter, last_day
from ops.people import people, whose
from ops.private_file import PART, write_private
from portal.accounts.end_sessions import Actor
from portal.accounts.model import Credential
from portal.accounts.office import Reissued, ReissuePassword
from portal.accounts.sessions import SessionStore
from portal.accounts.store import CredentialStore
from portal.accounts.throttle import Throttle, WaitingRules
from portal.config import receipt_fonts


def reissued(
    number: str, signature: Signature, desk: Desk, *, yes: bool, letter: Path | None = None
) -> Status:
    """Issue a new initial password and show it once, on the terminal, or print it as a *letter*."""
    credential = named(number, desk)
    if credential is None:
        return REFUSED
    if credential.closed:
        desk.say(f"会員番号 {credential.member_no} は利用を止めています。先に再開します。")
        return REFUSED
    _tell_of(credential, desk)
    if not yes:
        desk.say(ONLY_LOOKED)
        return DONE
    actor = Actor(signature.actor, reason=signature.reason)
    if letter is not None:
        return _printed(credential, actor, desk, letter)
    return _shown(credential, actor, desk)


def _tell_of(credential: Credential, desk: Desk) -> None:
    state = "初期パスワードのまま" if credential.must_change else "ご自身で設定済み"
    desk.say(whose(credential.member_id, credential.member_no, desk))
    desk.say(f"今のパスワードは{state}です。")
    desk.say("再発行すると、今のパスワードは使えなくなり、すべての端末がログアウトされます。")


def _shown(credential: Credential, actor: Actor, desk: Desk) -> Status:
    screen = desk.terminal()
    if screen is None:
        desk.say("パスワードを表示する画面がありません。端末から直接、実行してください。")
        return REFUSED
    with screen:
        issued = reissuing(desk)(credential.member_no, actor, desk.clock())
        if issued is None:
            return _gone(credential, desk)
        screen.write(f"\n  初期パスワード  {issued.password}\n\n")
    _told(issued, desk)
    desk.say("このパスワードは二度と表示されません。封書で送るか、本人に直接お伝えください。")
    return DONE


def _printed(credential: Credential, actor: Actor, desk: Desk, file: Path) -> Status:
    """Print the letter, which is on the disk before its password is good and named after that."""
    member = people([credential.member_id], desk).get(credential.member_id)
    if member is None or not address_of(member).complete:
        desk.say("郵便番号・住所・氏名が揃っていないため、手紙を作れません。")
        return REFUSED
    if file.exists():
        desk.say(f"{file} はすでにあります。別の名前にしてください。")
        return REFUSED
    policy, now = desk.policy, desk.clock()
    printer = LetterPrinter(desk.society, desk.login_url, policy, receipt_fonts())
    part = file.with_name(file.name + PART)

    def keep(password: str) -> None:
        letter = Letter(
            address_of(member),
            credential.member_no,
            password,
            last_day(now, policy),
            without_mail(member),
        )
        write_private(part, printer.pdf([letter], Batch.begun(now).name, now))

    try:
        issued = reissuing(desk)(credential.member_no, actor, now, keep)
        if issued is not None:
            part.replace(file)
    except OSError as error:
        desk.say(f"{file} に書けません（{error.strerror}）。もう一度、同じ命令を実行してください。")
        return REFUSED
    finally:
        # Whatever happened: typed again, the command issues another one.
        part.unlink(missing_ok=True)
    if issued is None:
        return _gone(credential, desk)
    _told(issued, desk)
    desk.say(f"手紙: {file}（印刷と封入が済んだら、削除してください）")
    return DONE


def _told(issued: Reissued, desk: Desk) -> None:
    ends, days = japanese(issued.ends_at), desk.policy.initial_days
    desk.say(f"再発行しました。有効期限は {ends}（{days}日間）です。")
    desk.say(f"ログアウトした端末: {issued.ended_sessions}台。会員には再発行のお知らせを送ります。")


def _gone(credential: Credential, desk: Desk) -> Status:
    desk.say(f"会員番号 {credential.member_no} は、この間に利用を止めています。")
    return REFUSED


def reissuing(desk: Desk) -> ReissuePassword:
    """Return the use case at *desk*."""
    return ReissuePassword(
        database=desk.database,
        credentials=CredentialStore(desk.database, desk.tables.credentials),
        sessions=SessionStore(desk.database, desk.tables),
        throttle=Throttle(desk.tables.throttle, WaitingRules()),
        hasher=desk.hasher(),
        policy=desk.policy,
        words=lambda: desk.society.password_words,
        sessions_table=desk.tables.sessions,
        outbox_table=desk.tables.outbox,
        audit_table=desk.tables.audit,
    )
