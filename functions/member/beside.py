"""What a page of the member's own reads beside the session."""

from portal.members import draft, store
from portal.members.draft import Draft
from portal.members.model import Member
from portal.web.http import Request


def member_of(request: Request) -> Member:
    """Return the member whose row was read beside the session. Raises LookupError without one."""
    match request.beside:
        case [dict() as item, *_]:
            return store.parse(item)
    raise LookupError("a session without a member's row")


def mail_fails(request: Request) -> bool:
    """Tell whether mail to the member does not arrive; a menu without a record is still a menu."""
    match request.beside:
        case [dict() as item, *_]:
            return store.parse(item).mail_fails
    return False


def draft_of(request: Request) -> Draft | None:
    """Return what the member had typed when the session before this one ended, if it waits."""
    match request.beside:
        case [_, dict() as item]:
            return draft.parse(item, request.now)
    return None
