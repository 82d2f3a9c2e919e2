"""Composition root of the function ``mailer``: the outbox's stream and its sweep."""

from functions.mailer.letters import LetterWriter
from functions.mailer.work import Mailer
from portal.accounts.store import CredentialStore
from portal.aws import client, dynamo
from portal.clock import utc_now
from portal.config import Config
from portal.mail.deliver import Courier
from portal.mail.outbox import Outbox
from portal.mail.sender import SesSender

_config = Config.from_env()
_database = dynamo()
_outbox = Outbox(_database, _config.tables.outbox)
_letters = LetterWriter(
    _database,
    CredentialStore(_database, _config.tables.credentials),
    _config.tables,
    _config.society,
    _config.public_base_url,
    utc_now,
)
_sender = SesSender.from_config(lambda: client("sesv2", attempts=1), _config)

handler = Mailer(_outbox, Courier(_outbox, _letters, _sender, utc_now), utc_now)
