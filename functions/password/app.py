"""Composition root of the function ``password``: change, the 120-day message, reset."""

from functools import cache

from functions.password.nearby import RecordNearby
from functions.password.pages import PasswordPages
from functions.password.sessions import SessionPages
from portal.accounts.change_password import ChangePassword
from portal.accounts.end_sessions import EndSessions
from portal.accounts.hashing import Hasher, Peppers
from portal.accounts.new_password import PasswordSetter
from portal.accounts.policy import PasswordPolicy
from portal.accounts.request_reset import RequestReset
from portal.accounts.reset import ResetPassword, find
from portal.accounts.sessions import SessionStore
from portal.accounts.store import CredentialStore
from portal.accounts.throttle import Throttle, WaitingRules
from portal.aws import dynamo, secret
from portal.clock import utc_now
from portal.config import Config
from portal.web.app import App
from portal.web.render import Renderer

_config = Config.from_env()
_tables = _config.tables
_database = dynamo()
_renderer = Renderer(lambda: _config.society)
_policy = PasswordPolicy()
_sessions = SessionStore(_database, _tables)
_throttle = Throttle(_tables.throttle, WaitingRules())


@cache
def _peppers() -> Peppers:
    return Peppers.from_secret(secret(_config.pepper_secret))


_setter = PasswordSetter(
    database=_database,
    credentials=CredentialStore(_database, _tables.credentials),
    sessions=_sessions,
    throttle=_throttle,
    hasher=Hasher(_peppers, _config.bcrypt_cost),
    policy=_policy,
    nearby=RecordNearby(_tables.members, lambda: _config.society),
    outbox_table=_tables.outbox,
    audit_table=_tables.audit,
)
_pages = PasswordPages(
    renderer=_renderer,
    policy=_policy,
    change=ChangePassword(_setter, _tables.sessions),
    reset=ResetPassword(_setter, _tables.sessions),
    link_is_good=lambda token, now: find(_database, _tables.sessions, token, now) is not None,
    request_reset=RequestReset(_database, _throttle, _tables.outbox),
)
_devices = SessionPages(_renderer, _sessions, EndSessions(_database, _tables.audit))

handler = App(_config, _database, utc_now, _renderer, [*_pages.routes(), *_devices.routes()])
