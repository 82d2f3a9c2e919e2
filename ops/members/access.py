"""``members unlock``, ``members end-sessions``: what the office does about signing in (M6, E4)."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Desk, Signature, japanese, named
from ops.exits import Status
from ops.people import whose
from portal.accounts.end_sessions import Actor, EndSessions
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


def actor_of(signature: Signature) -> Actor:
    """Return who acts in the words of accounts."""
    return Actor(signature.actor, reason=signature.reason)


# unlock


def unlocked(number: str, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Enable a disabled password and forget the waits of one number."""
    credential = named(number, desk)
    if credential is None:
        return REFUSED
    if credential.closed:
        # What is done would help nobody.
        desk.say(
            f"会員番号 {credential.member_no} は利用を止めています。"
            "先に members return で戻します。"
        )
        return REFUSED
    counters = list(counters_of(credential.member_no, desk))
    desk.out.fact("disabled", credential.disabled)
    desk.out.fact("counters", len(counters))
    desk.say(whose(credential.member_id, credential.member_no, desk))
    desk.say(f"  停止: {'されています' if credential.disabled else 'されていません'}")
    desk.say(f"  失敗の記録: {len(counters)}件（待ち時間を含む）")
    if not credential.disabled and not counters:
        desk.say("解除するものはありません。")
        return DONE
    if not yes:
        desk.say(ONLY_LOOKED)
        return DONE
    act = Unlock(
        desk.database,
        CredentialStore(desk.database, desk.tables.credentials),
        Throttle(desk.tables.throttle, WaitingRules()),
        desk.tables.audit,
    )
    act(credential, counters, actor_of(signature), desk.clock())
    desk.say("解除しました。会員はすぐにログインできます。")
    return DONE


def counters_of(number: str, desk: Desk) -> Iterator[str]:
    """Yield the keys of all counters of a number; those of networks are found by looking."""
    for key in (known_key(number, ""), everywhere_key(number), change_key(number)):
        for row in desk.scan(desk.tables.throttle, "pk", key):
            found = str(row["pk"])
            # Number 0012 has nothing to do with 00123.
            if found == key or found.startswith(key.rstrip("#") + "#"):
                yield found


# end-sessions


def sessions_ended(number: str, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """End all sessions of one member."""
    credential = named(number, desk)
    if credential is None:
        return REFUSED
    store = SessionStore(desk.database, desk.tables)
    live = store.all(credential.member_id, desk.clock())
    desk.say(whose(credential.member_id, credential.member_no, desk))
    for one in live:
        desk.say(f"  {one.device}  ログイン {japanese(one.created_at)}")
    desk.out.fact("sessions", len(live))
    desk.say(f"ログイン中の端末 {len(live)}台")
    if not yes:
        desk.say(ONLY_LOOKED)
        return DONE
    ended = store.delete_all(credential.member_id)
    _ender(desk)(credential.member_id, ended, actor_of(signature), desk.clock())
    desk.say("すべてログアウトさせました。")
    return DONE


def everybodys_ended(signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """End the sessions of everybody."""
    rows = sorted(
        desk.scan(desk.tables.sessions, "sk", SESSION_PREFIX), key=lambda row: str(row["pk"])
    )
    members = len({str(row["pk"]) for row in rows})
    desk.out.fact("members", members)
    desk.out.fact("sessions", len(rows))
    desk.say(f"全会員: {members:,}人の {len(rows):,}台（期限が過ぎたものも含む）")
    if not yes:
        desk.say(ONLY_LOOKED)
        return DONE
    end, progress = _ender(desk), desk.progress(members, "人")
    for member_id, ended in _by_member(rows, desk):
        end(member_id, ended, actor_of(signature), desk.clock())
        progress.step()
    desk.say("すべてログアウトさせました。")
    return DONE


def _by_member(rows: Iterable[Item], desk: Desk) -> Iterator[tuple[str, list[Delete]]]:
    table = desk.tables.sessions
    for member_id, mine in groupby(rows, key=lambda row: str(row["pk"])):
        yield member_id, [Delete(table, {"pk": member_id, "sk": str(one["sk"])}) for one in mine]


def _ender(desk: Desk) -> EndSessions:
    return EndSessions(desk.database, desk.tables.audit)
