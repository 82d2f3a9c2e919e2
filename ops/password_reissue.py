"""A new initial password for one member: the old one, all sessions and mailed links end (M6)."""

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Desk, Signature, japanese, named
from ops.exits import Status
from portal.accounts.end_sessions import Actor
from portal.accounts.model import Credential
from portal.accounts.office import ReissuePassword
from portal.accounts.policy import PasswordPolicy
from portal.accounts.sessions import SessionStore
from portal.accounts.store import CredentialStore
from portal.accounts.throttle import Throttle, WaitingRules


def reissued(number: str, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Issue a new initial password and show it once, on the terminal."""
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
    return _shown(credential, signature, desk)


def _tell_of(credential: Credential, desk: Desk) -> None:
    state = "初期パスワードのまま" if credential.must_change else "ご自身で設定済み"
    desk.say(f"会員番号 {credential.member_no}: 今のパスワードは{state}です。")
    desk.say("再発行すると、今のパスワードは使えなくなり、すべての端末がログアウトされます。")


def _shown(credential: Credential, signature: Signature, desk: Desk) -> Status:
    screen = desk.terminal()
    if screen is None:
        desk.say("パスワードを表示する画面がありません。端末から直接、実行してください。")
        return REFUSED
    actor = Actor(signature.actor, reason=signature.reason)
    with screen:
        issued = reissuing(desk)(credential.member_no, actor, desk.clock())
        if issued is None:
            desk.say(f"会員番号 {credential.member_no} は登録されていません。")
            return REFUSED
        screen.write(f"\n  初期パスワード  {issued.password}\n\n")
    ends, days = japanese(issued.ends_at), PasswordPolicy().initial_days
    desk.say(f"再発行しました。有効期限は {ends}（{days}日間）です。")
    desk.say(f"ログアウトした端末: {issued.ended_sessions}台。会員には再発行のお知らせを送ります。")
    desk.say("このパスワードは二度と表示されません。封書で送るか、本人に直接お伝えください。")
    return DONE


def reissuing(desk: Desk) -> ReissuePassword:
    """Return the use case at *desk*."""
    return ReissuePassword(
        database=desk.database,
        credentials=CredentialStore(desk.database, desk.tables.credentials),
        sessions=SessionStore(desk.database, desk.tables),
        throttle=Throttle(desk.tables.throttle, WaitingRules()),
        hasher=desk.hasher(),
        policy=PasswordPolicy(),
        words=lambda: desk.society.password_words,
        sessions_table=desk.tables.sessions,
        outbox_table=desk.tables.outbox,
        audit_table=desk.tables.audit,
    )
