"""Composition root of the function ``mail_events``: what SES tells of mails that it took."""

from functions.mail_events.work import MailEvents
from portal.aws import dynamo
from portal.config import Config

_config = Config.from_env()

handler = MailEvents(dynamo(), _config.tables)
