"""What the tests of accounts share: a portal in memory with one member and counted hashes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import bcrypt

from functions.login.pages import LoginPages
from functions.password.nearby import RecordNearby
from functions.password.pages import PasswordPages
from functions.password.sessions import SessionPages
from portal.accounts.change_password import ChangePassword
from portal.accounts.end_sessions import EndSessions
from portal.accounts.hashing import Hasher, Peppers
from portal.accounts.model import Credential, first_credential
from portal.accounts.new_password import Origin, PasswordSetter
from portal.accounts.policy import PasswordPolicy
from portal.accounts.request_reset import RequestReset
from portal.accounts.reset import ResetPassword, find, issue
from portal.accounts.sessions import Session, SessionStore
from portal.accounts.sign_in import Attempt, Outcome, SignedIn, SignIn
from portal.accounts.spray import Spray
from portal.accounts.store import CredentialStore
from portal.accounts.throttle import Throttle, WaitingRules, network_of
from portal.clock import jst_date
from portal.config import load_society
from portal.database import Get, Item
from portal.log import Masks
from portal.web.app import App
from portal.web.render import Renderer
from tests.fakes import FixedClock, MemoryDatabase
from tests.unit.members.desk import TABLES, config
from tests.webclient import Browser

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NUMBER = "001234"
MEMBER_ID = "0123456789abcdefghjkmnpqrs"
INITIAL = "Hajime55"
PASSWORD = "Midori77#"
OTHER = "Akaneko8!"
HOME = "203.0.113.7"
AWAY = "198.51.100.9"

PEPPERS = Peppers("p1", {"p1": b"an invented pepper"})
COST = 4
MASK = Masks(lambda: "an invented key of masks")


class CountedWork:
    """bcrypt that counts how often it ran, and at which cost."""

    def __init__(self) -> None:
        self.costs: list[int] = []

    def __call__(self, secret: bytes, salt: bytes) -> bytes:
        self.costs.append(int(salt[4:6]))
        return bcrypt.hashpw(secret, salt)


class Desk:
    """Accounts in memory: one member whose password is PASSWORD and who never signed in."""

    def __init__(self, cost: int = COST) -> None:
        self.database = MemoryDatabase()
        self.clock = FixedClock(NOON)
        self.work = CountedWork()
        self.policy = PasswordPolicy()
        self.hasher = Hasher(lambda: PEPPERS, cost, self.work)
        self.credentials = CredentialStore(self.database, TABLES.credentials)
        self.sessions = SessionStore(self.database, TABLES)
        self.rules = WaitingRules()
        self.throttle = Throttle(TABLES.throttle, self.rules)
        self.sign_in = SignIn(
            database=self.database,
            credentials=self.credentials,
            sessions=self.sessions,
            throttle=self.throttle,
            spray=Spray(TABLES.throttle, self.rules),
            hasher=self.hasher,
            policy=self.policy,
            audit_table=TABLES.audit,
            mask=MASK,
        )
        self.setter = PasswordSetter(
            database=self.database,
            credentials=self.credentials,
            sessions=self.sessions,
            throttle=self.throttle,
            hasher=self.hasher,
            policy=self.policy,
            nearby=RecordNearby(TABLES.members, load_society),
            outbox_table=TABLES.outbox,
            audit_table=TABLES.audit,
        )
        self.change = ChangePassword(self.setter, TABLES.sessions)
        self.reset = ResetPassword(self.setter, TABLES.sessions)
        self.request_reset = RequestReset(self.database, self.throttle, TABLES.outbox)
        self.enrol(PASSWORD)

    # Members

    def enrol(self, password: str, *, first: bool = False, age: timedelta = timedelta(0)) -> None:
        """Give the member *password*, set *age* ago; *first* makes it an initial one."""
        stored = self.hasher.hash(password, self.clock() - age)
        credential = first_credential(NUMBER, MEMBER_ID, stored, self.policy)
        if not first:
            credential = replace(credential, must_change=False, initial_until=None)
        self.database.tables.pop(TABLES.credentials, None)
        self.database.commit(self.credentials.create(credential))
        self.work.costs.clear()
        self.database.calls.clear()

    @property
    def credential(self) -> Credential:
        """The member's credential as it is stored now."""
        row = self.database.tables[TABLES.credentials][NUMBER, ""]
        found = self.credentials.parse(row)
        assert found is not None
        return found

    # Signing in

    def attempt(self, password: str, address: str = AWAY, number: str = NUMBER) -> Attempt:
        """Return one try."""
        return Attempt(number, password, network_of(address), address, "test", "", self.clock())

    def try_in(self, password: str, address: str = AWAY, number: str = NUMBER) -> Outcome:
        """Try to sign in once."""
        return self.sign_in(self.attempt(password, address, number))

    def fail(self, times: int, address: str = AWAY, number: str = NUMBER) -> None:
        """Fail so often, each time after the wait is over."""
        for _ in range(times):
            self.try_in("Wrong1234", address, number)
            self.clock.tick(hours=1, seconds=1)

    def signed_in(self, password: str = PASSWORD, address: str = HOME) -> Session:
        """Sign in and return the session."""
        outcome = self.try_in(password, address)
        assert isinstance(outcome, SignedIn), outcome
        session = self.session(outcome.cookie)
        assert session is not None
        return session

    def session(self, cookie: str) -> Session | None:
        """Return the session of a cookie, if it is still good."""
        member_id, _, token = cookie.partition(".")
        read = self.sessions.read_key(member_id, token)
        return self.sessions.parse(self._row(read), self.clock())

    def live_sessions(self) -> int:
        """Return how many sessions the member has."""
        return len(self.sessions.all(MEMBER_ID, self.clock()))

    def origin(self, address: str = HOME) -> Origin:
        """Return where a change comes from."""
        return Origin(network_of(address), address, "test", self.clock())

    def link(self) -> str:
        """Send a reset link and return its token."""
        token, row = issue(TABLES.sessions, member_id=MEMBER_ID, member_no=NUMBER, now=self.clock())
        self.database.commit(row)
        return token

    # What was written

    def rows(self, table: str) -> list[Item]:
        """Return all rows of a table."""
        return list(self.database.tables.get(table, {}).values())

    def audited(self) -> list[str]:
        """Return the audited acts in their order."""
        entries = sorted(self.rows(TABLES.audit), key=lambda row: str(row["sk"]).split("#")[0])
        return [str(row["action"]) for row in entries]

    def _row(self, read: Get) -> Item | None:
        return self.database.get(read.table, read.key)


class Portal(Desk):
    """The same with the pages of the functions login and password, and a browser."""

    def __init__(self, cost: int = COST) -> None:
        super().__init__(cost)
        society = load_society()
        renderer = Renderer(lambda: society)
        login = LoginPages(
            renderer=renderer,
            sign_in=self.sign_in,
            database=self.database,
            sessions=self.sessions,
            audit_table=TABLES.audit,
            mask=MASK,
            login_url="https://jgets-member.net/member/login",
        )
        password = PasswordPages(
            renderer=renderer,
            policy=self.policy,
            change=self.change,
            reset=self.reset,
            link_is_good=lambda token, now: (
                find(self.database, TABLES.sessions, token, now) is not None
            ),
            request_reset=self.request_reset,
        )
        devices = SessionPages(renderer, self.sessions, EndSessions(self.database, TABLES.audit))
        routes = [*login.routes(), *password.routes(), *devices.routes()]
        self.app = App(config(), self.database, self.clock, renderer, routes)
        self.browser = self.new_browser()

    def new_browser(self, address: str = HOME) -> Browser:
        """Return a browser at *address* without cookies."""
        browser = Browser(self.app)
        browser.source_ip = address
        return browser


def age_in_days(credential: Credential, now: datetime) -> int:
    """Return the age of the password in days of Japan."""
    return (jst_date(now) - credential.changed_on).days
