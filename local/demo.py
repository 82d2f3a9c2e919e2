"""Puts the demo members into the deployed tables, through the portal's own stores.

Each member is one transaction on condition that the number has no credential yet, so a second
start adds whoever is missing and never overwrites a member who has changed things since.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from local.aws import LocalAws
from local.demo_billing import DemoBilling
from local.demo_people import Person, people
from local.settings import Settings
from portal.accounts.hashing import Hasher, Peppers
from portal.accounts.model import Credential, first_credential
from portal.accounts.policy import PasswordPolicy
from portal.accounts.store import CredentialStore
from portal.aws import DynamoDatabase
from portal.clock import jst_date, utc_now
from portal.config import Config
from portal.database import Put, Rejected
from portal.ids import new_member_id
from portal.members import store as members
from portal.members.model import Member, Record

POLICY = PasswordPolicy()
_PASSWORD_AGE = {"password_expired": timedelta(days=POLICY.notice_days + 5)}
_SIGNED_UP = timedelta(days=10)


class Loader:
    """Adds demo members to one deployed stack."""

    def __init__(self, aws: LocalAws) -> None:
        self._config = Config.from_env(aws.settings_of_functions())
        client = aws.client("dynamodb")
        self._database = DynamoDatabase(lambda: client)
        self._hasher = Hasher(lambda: self._peppers(aws), self._config.bcrypt_cost)
        self._now = utc_now()
        self._billing = DemoBilling(self._config, self._database, self._now)

    def _peppers(self, aws: LocalAws) -> Peppers:
        secrets = aws.client("secretsmanager")
        answer = secrets.get_secret_value(SecretId=self._config.pepper_secret)
        return Peppers.from_secret(answer["SecretString"])

    def add(self, wanted: Sequence[Person]) -> None:
        """Add every member of *wanted* whose number is not there yet."""
        credentials = CredentialStore(self._database, self._config.tables.credentials)
        new = [one for one in wanted if credentials.find(one.member_no) is None]
        # bcrypt lets go of the interpreter's lock, so two hashes use two cores.
        with ThreadPoolExecutor(max_workers=2) as pool:
            list(pool.map(lambda one: self._add(credentials, one), new))

    def _add(self, credentials: CredentialStore, person: Person) -> None:
        member_id = new_member_id()
        writes = [
            credentials.create(self._credential(person, member_id)),
            self._member(person, member_id),
            *self._billing.writes(person, member_id),
        ]
        try:
            self._database.commit(*writes)
        except Rejected:
            # Somebody else loads the same demo at this moment; theirs is as good.
            return

    def _credential(self, person: Person, member_id: str) -> Credential:
        set_at = self._now - _PASSWORD_AGE.get(person.state, _SIGNED_UP)
        password = self._hasher.hash(person.password, set_at)
        initial = first_credential(person.member_no, member_id, password, POLICY)
        if person.state == "first_login":
            return initial
        return replace(initial, must_change=False, initial_until=None)

    def _member(self, person: Person, member_id: str) -> Put:
        member = Member(
            member_id=member_id,
            member_no=person.member_no,
            record=Record.of(person.record),
            confirmed_email=person.record["email"],
            updated_at=self._now - _SIGNED_UP,
            # Never today: the first payment has to lead over the edit page.
            confirmed_on=jst_date(self._now - _SIGNED_UP),
        )
        return members.new(self._config.tables.members, member)


def wanted(settings: Settings) -> Sequence[Person]:
    """Return the members of the demo, none where the stack is to begin empty."""
    return people() if settings.demo else ()


def load(settings: Settings, aws: LocalAws) -> None:
    """Add the demo members that are missing and write DATA_DIR/demo.json."""
    demo_people = wanted(settings)
    Loader(aws).add(demo_people)
    settings.demo_file.write_text(as_json(settings, demo_people), encoding="utf-8")


def as_json(settings: Settings, demo_people: Sequence[Person]) -> str:
    """Return addresses and accounts as other programs read them."""
    content = {
        "portal": settings.portal,
        "connect": settings.connect,
        "gmo": settings.gmo,
        "mailbox": settings.mailbox,
        "members": [
            {"member_no": one.member_no, "password": one.password, "state": one.state}
            for one in demo_people
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
