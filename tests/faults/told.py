"""What SES tells of the mails it took: late, twice, in any order, or never."""

from datetime import timedelta
from random import Random

from portal.mail.event import Happened, MailEvent
from portal.mail.maillog import MailLog
from tests.faults.ground import Ground
from tests.unit.billing.house import TABLES


def ses_tells(world: Ground, random: Random) -> None:
    """SES tells of some mail that it took, rather of one whose taking nobody could mark.

    Red by a proof that leaves such a mail ``skipped`` in ``maillog``: "LOST mail".
    """
    taken = sorted(world.ses.taken)
    rows = world.database.tables[TABLES.outbox]
    unmarked = [one for one in taken if rows.get((one, ""), {}).get("state") == "sending"]
    if not taken:
        return
    mail_id, now = random.choice(unmarked or taken), world.clock()
    happened = random.choice(list(Happened))
    sent_at = now - timedelta(minutes=random.choice([0, 5, 60]))
    told = MailEvent(happened, mail_id, "ses-told", "member@example.jp", now, sent_at)
    MailLog(world.database, TABLES.outbox).heard(told)
