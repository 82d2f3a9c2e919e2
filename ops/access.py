"""What the office does about signing in: unlock, end sessions (M6, E4), close a member's way in and
open it again (ASVS V7.4.2).

Each command first says what would happen; with ``--yes`` it is done and audited.
"""

import argparse
from collections.abc import Iterable, Iterator
from itertools import groupby

from ops.desk import (
    DONE,
    ONLY_LOOKED,
    REFUSED,
    Commands,
    Desk,
    credential_of,
    japanese,
    signed,
    takes_number,
)
from portal.accounts import reset
from portal.accounts.closing import CloseAccess, OpenAccess
from portal.accounts.end_sessions import Actor, EndSessions
from portal.accounts.model import Credential
from portal.accounts.office import Unlock
from portal.accounts.sessions import SESSION_PREFIX, SessionStore
from portal.accounts.store import CredentialStore
from portal.accounts.throttle import (
    Throttle,
    WaitingRules,
    change_key,
    everywhere_key,
    known_key,
)
from portal.database import Delete, Item
from portal.members import confirm_email

SHOW_EVERY = 500
"""Members after which the progress is told."""


def add(commands: Commands) -> None:
    """Add the commands to the command line."""
    opened = commands.add_parser("unlock", help="ログインの待ち時間と停止を解除する")
    takes_number(opened)
    signed(opened)
    opened.set_defaults(act=unlock)
    ended = commands.add_parser("end-sessions", help="ログイン中の端末をログアウトさせる")
    ended.add_argument("member_no", metavar="MEMBER_NO", nargs="?", default="", help="会員番号")
    ended.add_argument("--all", action="store_true", help="全会員のすべての端末")
    signed(ended)
    ended.set_defaults(act=end_sessions)
    closed = commands.add_parser("close-access", help="退会などの会員の利用を止める")
    takes_number(closed)
    signed(closed)
    closed.set_defaults(act=close_access)
    again = commands.add_parser("open-access", help="止めた利用を再開する")
    takes_number(again)
    signed(again)
    again.set_defaults(act=open_access)


# unlock


def unlock(typed: argparse.Namespace, desk: Desk) -> int:
    """Enable a disabled password and forget the waits of one number."""
    credential = _open_credential(typed, desk)
    if credential is None:
        return REFUSED
    counters = list(_counters(credential.member_no, desk))
    desk.say(f"会員番号 {credential.member_no}")
    desk.say(f"  停止: {'されています' if credential.disabled else 'されていません'}")
    desk.say(f"  失敗の記録: {len(counters)}件（待ち時間を含む）")
    if not credential.disabled and not counters:
        desk.say("解除するものはありません。")
        return DONE
    if not typed.yes:
        desk.say(ONLY_LOOKED)
        return DONE
    act = Unlock(
        desk.database,
        CredentialStore(desk.database, desk.tables.credentials),
        Throttle(desk.tables.throttle, WaitingRules()),
        desk.tables.audit,
    )
    act(credential, counters, _actor(typed), desk.clock())
    desk.say("解除しました。会員はすぐにログインできます。")
    return DONE


def _counters(number: str, desk: Desk) -> Iterator[str]:
    """Yield the keys of all counters of a number; those of networks are found by looking."""
    for key in (known_key(number, ""), everywhere_key(number), change_key(number)):
        for row in desk.scan(desk.tables.throttle, "pk", key):
            found = str(row["pk"])
            # Number 0012 has nothing to do with 00123.
            if found == key or found.startswith(key.rstrip("#") + "#"):
                yield found


# end-sessions


def end_sessions(typed: argparse.Namespace, desk: Desk) -> int:
    """End all sessions of one member, or of everybody."""
    if bool(typed.member_no) == typed.all:
        desk.say("会員番号か --all の、どちらか一方を指定してください。")
        return REFUSED
    if typed.all:
        return _end_all(typed, desk)
    credential = credential_of(typed, desk)
    if credential is None:
        return REFUSED
    store = SessionStore(desk.database, desk.tables)
    live = store.all(credential.member_id, desk.clock())
    for one in live:
        desk.say(f"  {one.device}  ログイン {japanese(one.created_at)}")
    desk.say(f"会員番号 {credential.member_no}: ログイン中の端末 {len(live)}台")
    if not typed.yes:
        desk.say(ONLY_LOOKED)
        return DONE
    ended = store.delete_all(credential.member_id)
    _ender(desk)(credential.member_id, ended, _actor(typed), desk.clock())
    desk.say("すべてログアウトさせました。")
    return DONE


def _end_all(typed: argparse.Namespace, desk: Desk) -> int:
    rows = sorted(
        desk.scan(desk.tables.sessions, "sk", SESSION_PREFIX), key=lambda row: str(row["pk"])
    )
    members = len({str(row["pk"]) for row in rows})
    desk.say(f"全会員: {members:,}人の {len(rows):,}台（期限が過ぎたものも含む）")
    if not typed.yes:
        desk.say(ONLY_LOOKED)
        return DONE
    end = _ender(desk)
    for done, (member_id, ended) in enumerate(_by_member(rows, desk), start=1):
        end(member_id, ended, _actor(typed), desk.clock())
        if done % SHOW_EVERY == 0:
            desk.say(f"  {done:,} / {members:,}人")
    desk.say("すべてログアウトさせました。途中で止まったときは、もう一度実行してください。")
    return DONE


def _by_member(rows: Iterable[Item], desk: Desk) -> Iterator[tuple[str, list[Delete]]]:
    table = desk.tables.sessions
    for member_id, mine in groupby(rows, key=lambda row: str(row["pk"])):
        yield member_id, [Delete(table, {"pk": member_id, "sk": str(one["sk"])}) for one in mine]


# close-access, open-access


def close_access(typed: argparse.Namespace, desk: Desk) -> int:
    """Close one member's way in; sessions and links of mails end with it."""
    credential = credential_of(typed, desk)
    if credential is None:
        return REFUSED
    number = credential.member_no
    if credential.closed_at is not None:
        desk.say(
            f"会員番号 {number} の利用は、{japanese(credential.closed_at)} から止まっています。"
        )
        return DONE
    sessions = SessionStore(desk.database, desk.tables)
    live = len(sessions.all(credential.member_id, desk.clock()))
    desk.say(f"会員番号 {number}: ログイン中の端末 {live}台")
    desk.say("止めると、すべての端末がログアウトされ、送ったメールのリンクは使えなくなります。")
    desk.say("正しいパスワードでもログインできず、再設定のメールも届きません。記録は消えません。")
    if not typed.yes:
        desk.say(ONLY_LOOKED)
        return DONE
    act = CloseAccess(
        database=desk.database,
        credentials=CredentialStore(desk.database, desk.tables.credentials),
        sessions=sessions,
        links=lambda member_id: [
            end(desk.tables.sessions, member_id)
            for end in (reset.unconditional_end, confirm_email.unconditional_end)
        ],
        audit_table=desk.tables.audit,
    )
    if act(number, _actor(typed), desk.clock()) is None:
        return _overtaken(desk)
    desk.say("利用を止めました。会員へのお知らせは自動では送られません。")
    return DONE


def open_access(typed: argparse.Namespace, desk: Desk) -> int:
    """Give one member's way in back; the password is what it was."""
    credential = credential_of(typed, desk)
    if credential is None:
        return REFUSED
    if credential.closed_at is None:
        desk.say(f"会員番号 {credential.member_no} の利用は止まっていません。")
        return DONE
    since = japanese(credential.closed_at)
    desk.say(f"会員番号 {credential.member_no}: {since} から止まっています。")
    desk.say("再開すると、止める前のパスワードでログインできます。")
    desk.say(
        "パスワードが知られたおそれがあるときは、続けて passwords reissue で再発行してください。"
    )
    if not typed.yes:
        desk.say(ONLY_LOOKED)
        return DONE
    credentials = CredentialStore(desk.database, desk.tables.credentials)
    act = OpenAccess(desk.database, credentials, desk.tables.audit)
    if not act(credential, _actor(typed), desk.clock()):
        return _overtaken(desk)
    desk.say("再開しました。")
    return DONE


def _overtaken(desk: Desk) -> int:
    desk.say("同時にほかの操作がありました。もう一度、状態を確かめてください。")
    return REFUSED


# What they share


def _open_credential(typed: argparse.Namespace, desk: Desk) -> Credential | None:
    """Return the credential, unless its way in is closed: what is done would help nobody."""
    credential = credential_of(typed, desk)
    if credential is None or not credential.closed:
        return credential
    desk.say(
        f"会員番号 {credential.member_no} は利用を止めています。先に open-access で再開します。"
    )
    return None


def _actor(typed: argparse.Namespace) -> Actor:
    return Actor(f"office:{typed.by}", reason=typed.reason)


def _ender(desk: Desk) -> EndSessions:
    return EndSessions(desk.database, desk.tables.audit)
