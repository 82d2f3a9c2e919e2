"""Use case: SES told what became of a mail to a member, which says something of the address.

A lasting bounce or a complaint marks the address in the record, and only that one: mail to an
address of earlier says nothing of the present one. An arrival afterwards takes the mark away.
"""

from portal.database import Database, Rejected, Update
from portal.log import count
from portal.mail.event import Happened, MailEvent
from portal.members import store
from portal.members.model import MailFault


def mail_news(database: Database, table: str, member_id: str, event: MailEvent) -> bool:
    """Note what *event* says of the member's address. False when it says nothing new of it.

    *table* is the table of records. One read and one write, two for an arrival that ends a mark.
    """
    if not event.lasting and event.happened is not Happened.DELIVERED:
        return False
    row = database.get(table, store.key(member_id))
    address = store.parse(row).record.email if row else ""
    # Providers and SES may write an address in other cases than the member typed.
    if not address or address.casefold() != event.address.casefold():
        return False
    if event.lasting:
        fault = MailFault(address, event.why, event.at)
        marked = _written(database, store.mail_failed(table, member_id, fault))
        count("MailFails", int(marked))
        return marked
    arrivals = store.mail_arrived(table, member_id, address, event.at)
    return any(_written(database, write) for write in arrivals)


def _written(database: Database, write: Update) -> bool:
    try:
        database.commit(write)
    except Rejected:
        return False
    return True
