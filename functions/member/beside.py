"""What a page of the member's own reads beside the session."""

from portal.members import store
from portal.members.model import Member
from portal.web.http import Request


def member_of(request: Request) -> Member:
    """Return the member whose row was read beside the session. Raises LookupError without one."""
    match request.beside:
        case [dict() as item]:
            return store.parse(item)
    raise LookupError("a session without a member's row")
