"""What the tests of the member record share: a member, a portal with that member signed in."""

from dataclasses import replace
from datetime import UTC, date, datetime

from functions.member.pages import MemberPages
from portal.accounts.sessions import SessionStore
from portal.clock import parse_iso
from portal.config import Config, Tables, load_society
from portal.database import Item
from portal.members import store
from portal.members.confirm_email import issue
from portal.members.model import Member, Record
from portal.members.postcodes import Area
from portal.web.app import App
from portal.web.render import Renderer
from tests.fakes import FixedClock, MemoryDatabase
from tests.webclient import ORIGIN, Browser

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LONG_AGO = date(2026, 4, 1)
NEW_ADDRESS = "new@example.jp"

TABLES = Tables(
    credentials="credentials",
    sessions="sessions",
    throttle="throttle",
    members="members",
    billing="billing",
    inbox="inbox",
    outbox="outbox",
    audit="audit",
)

TEXTS = {
    "family_name": "山田",
    "given_name": "花子",
    "family_name_kana": "ヤマダ",
    "given_name_kana": "ハナコ",
    "postal_code": "1640001",
    "prefecture": "東京都",
    "city": "中野区",
    "street": "中野１−２−３",
    "building": "コーポ中野２０１",
    "phone": "0312345678",
    "mobile": "09012345678",
    "email": "hanako@example.jp",
    "workplace": "中野病院",
    "department": "内視鏡室",
}


AREAS = {
    "1640001": (Area("東京都", "中野区", "中野"),),
    "1640000": (Area("東京都", "中野区", ""),),
    "4980000": (Area("愛知県", "弥富市", ""), Area("三重県", "桑名郡木曽岬町", "")),
}


def areas_of(code: str) -> tuple[Area, ...]:
    """Return the addresses of a postcode, of which this desk knows a few."""
    return AREAS.get(code, ())


def a_member(**changes: str) -> Member:
    """Return a member with a complete record, the given texts changed."""
    return Member(
        member_id="0123456789abcdefghjkmnpqrs",
        member_no="001234",
        record=Record.of({**TEXTS, **changes}),
        confirmed_email=changes.get("email", TEXTS["email"]),
        qualification="消化器内視鏡技師",
        version=3,
        confirmed_on=LONG_AGO,
        updated_at=parse_iso("2026-04-01T00:00:00.000000Z"),
    )


def a_moved_member(address: str = NEW_ADDRESS) -> Member:
    """Return a member who has changed the address and not confirmed the new one."""
    return replace(a_member(email=address), confirmed_email=TEXTS["email"])


def config() -> Config:
    """Return settings of a portal under test."""
    return Config(
        stage="test",
        public_base_url=ORIGIN,
        tables=TABLES,
        pepper_secret="pepper",
        mask_secret="mask",
        gmo_secret="gmo",
        gmo_api_base="http://127.0.0.1:1",
        gmo_shop_id="tshop00000000",
        gmo_config_id="001",
        mail_configuration_set="mail",
        mail_redirect_to="",
        bcrypt_cost=4,
    )


class Desk:
    """A portal with one member signed in, in memory."""

    def __init__(self, member: Member | None = None, *, true_name: bool = False) -> None:
        self.database = MemoryDatabase()
        self.clock = FixedClock(NOON)
        self.member = member or a_member()
        self.database.commit(store.new(TABLES.members, self.member))
        society = load_society()
        renderer = Renderer(lambda: society)
        pages = MemberPages(self.database, TABLES, renderer, areas_of, lambda: true_name)
        self.app = App(config(), self.database, self.clock, renderer, pages.routes())
        self.browser = self.sign_in()
        self.database.calls.clear()

    def sign_in(self, notice: str = "") -> Browser:
        """Return a browser in which the member has just signed in."""
        browser = Browser(self.app)
        cookie, put = SessionStore(self.database, TABLES).create(
            self.member.member_id,
            self.member.member_no,
            now=self.clock(),
            must_change=False,
            network="192.0.2.0/24",
            device="test",
            notice=notice,
        )
        self.database.commit(put)
        browser.cookies["__Host-session"] = cookie
        return browser

    @property
    def stored(self) -> Member:
        """The record as it is stored now."""
        (row,) = [one for one in self.database.rows(TABLES.members) if one["sk"] == store.PROFILE]
        return store.parse(row)

    @property
    def audited(self) -> list[Item]:
        """The audit entries, the oldest first."""
        return self.database.rows(TABLES.audit)

    @property
    def mails(self) -> list[Item]:
        """The mails that wait."""
        return list(self.database.tables.get(TABLES.outbox, {}).values())

    def link(self, email: str = NEW_ADDRESS) -> str:
        """Return the token of a link as the mailer would have sent it to *email* just now."""
        token, row = issue(
            TABLES.sessions, member_id=self.member.member_id, email=email, now=self.clock()
        )
        self.database.commit(row)
        self.database.calls.clear()
        return token

    def form(self, **changes: str) -> dict[str, str]:
        """Return the edit page's form as a browser sends it, the given fields changed."""
        return {**self.member.record.values(), "version": str(self.member.version), **changes}

    def change_elsewhere(self, **changes: str) -> Member:
        """Change the record as another tab or the office would, and return it."""
        before = self.stored
        record = Record.of({**before.record.values(), **changes})
        after = before.changed(record, LONG_AGO, self.clock())
        self.database.commit(store.change(TABLES.members, before, after))
        return after
