"""Close a member's way in, and open it again (ASVS V7.4.2): somebody who left, died, or must wait.

Closing ends every session and every link of a mail in the transaction that marks the credential.
From then on the right password is answered like a wrong one, from known networks too, and no reset
mail is sent. The password itself stays as it is, so that opening gives back what there was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.accounts.end_sessions import SESSIONS_AT_ONCE, Actor, at_once
from portal.accounts.model import Credential
from portal.accounts.sessions import SessionStore
from portal.accounts.store import CredentialStore
from portal.audit import entry
from portal.clock import iso
from portal.database import Contended, Database, Delete, Item, Put, Rejected, Write

_RACES = 3


@dataclass(frozen=True)
class CloseAccess:
    """The use case. *links* returns the writes that make a member's mailed links void."""

    database: Database
    credentials: CredentialStore
    sessions: SessionStore
    links: Callable[[str], Sequence[Delete]]
    audit_table: str

    def __call__(
        self, member_no: str, actor: Actor, now: datetime, also: Sequence[Write] = ()
    ) -> int | None:
        """Close it and return how many sessions ended. *also* is written in the same transaction.

        None when there is no such number or it is closed already. Raises Contended.
        """
        for _ in range(_RACES):
            credential = self.credentials.find(member_no)
            if credential is None or credential.closed:
                return None
            try:
                return self._close(credential, actor, now, also)
            except (Rejected, Contended):
                # The member signed in at this moment: look again and end that session too.
                continue
        raise Contended

    def _close(
        self, credential: Credential, actor: Actor, now: datetime, also: Sequence[Write]
    ) -> int:
        # Listed after the credential was read: a sign-in since then raised its version.
        ended = self.sessions.delete_all(credential.member_id)
        for some in at_once(ended[SESSIONS_AT_ONCE:]):
            self.database.commit(*some)
        self.database.commit(
            self.credentials.close(credential, now),
            *self.links(credential.member_id),
            _audited(
                self.audit_table,
                "access_closed",
                credential,
                actor,
                now,
                after={"closed_at": iso(now), "ended": len(ended)},
            ),
            *also,
            *ended[:SESSIONS_AT_ONCE],
        )
        return len(ended)


@dataclass(frozen=True)
class OpenAccess:
    """The use case: what closing took away is there again, but for sessions and links."""

    database: Database
    credentials: CredentialStore
    audit_table: str

    def __call__(
        self, credential: Credential, actor: Actor, now: datetime, also: Sequence[Write] = ()
    ) -> bool:
        """Open it, and write *also* with it; False when a condition failed. Raises Contended."""
        closed_at = iso(credential.closed_at) if credential.closed_at else None
        try:
            self.database.commit(
                self.credentials.open(credential.member_no),
                _audited(
                    self.audit_table,
                    "access_opened",
                    credential,
                    actor,
                    now,
                    before={"closed_at": closed_at},
                ),
                *also,
            )
        except Rejected:
            return False
        return True


def _audited(
    table: str,
    action: str,
    credential: Credential,
    actor: Actor,
    now: datetime,
    *,
    before: Item | None = None,
    after: Item | None = None,
) -> Put:
    return entry(
        table,
        actor=actor.name,
        action=action,
        subject=credential.member_id,
        at=now,
        source=actor.source,
        before=before,
        after=after,
        note=actor.reason,
    )
