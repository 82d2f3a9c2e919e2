"""Who gets a letter with an initial password, and who cannot (docs/decisions/0038)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ops.desk import Desk
from ops.letters.address import address_of
from ops.letters.batches import Ended
from ops.people import name_of, people
from ops.scan import Scan
from portal.accounts.member_number import NotANumber, fold
from portal.accounts.model import Credential
from portal.accounts.no_password import has_no_password
from portal.accounts.store import CredentialStore
from portal.members import store as members
from portal.members.model import Member


@dataclass(frozen=True, order=True)
class Wanted:
    """One member who is to get a letter; letters go out in this order."""

    postal_code: str
    number: str
    member_id: str = field(compare=False)
    name: str = field(compare=False)


@dataclass
class Choice:
    """*wanted* get a letter; *left_out* do not, each number with the reason."""

    wanted: list[Wanted] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def unissued(credential: Credential, ended: Mapping[str, Ended]) -> bool:
    """Tell whether no good initial password ever reached the member, nor was one set since."""
    if has_no_password(credential.password):
        return True
    return credential.must_change and unfinished(credential, ended)


def unfinished(credential: Credential, ended: Mapping[str, Ended]) -> bool:
    """Tell whether the credential is of a batch that is not complete."""
    batch = ended.get(credential.letters)
    return bool(credential.letters) and (batch is None or not batch.complete)


def everybody(desk: Desk) -> Iterator[Credential]:
    """Yield all credentials, in no order."""
    store = CredentialStore(desk.database, desk.tables.credentials)
    for row in desk.rows(Scan(desk.tables.credentials)):
        found = store.parse(row)
        if found is not None:
            yield found


def typed(numbers: Iterable[str], desk: Desk) -> tuple[list[Credential], list[tuple[str, str]]]:
    """Return the credentials of typed numbers, and the numbers that nobody has."""
    store = CredentialStore(desk.database, desk.tables.credentials)
    found: dict[str, Credential] = {}
    unknown = []
    for number in numbers:
        try:
            credential = store.find(fold(number))
        except NotANumber:
            credential = None
        if credential is None:
            unknown.append((number, "登録されていません"))
        else:
            found[credential.member_no] = credential
    return list(found.values()), unknown


def choice(numbers: Mapping[str, str], all_members: Iterable[Member]) -> Choice:
    """Return who of *numbers*, by member id, gets a letter, in the order of the post."""
    chosen = Choice()
    for member in all_members:
        number = numbers.get(member.member_id)
        if number is None:
            continue
        reason = _obstacle(member)
        if reason:
            chosen.left_out.append((number, reason))
        else:
            code = address_of(member).postal_code
            chosen.wanted.append(Wanted(code, number, member.member_id, name_of(member.record)))
    chosen.wanted.sort()
    chosen.left_out.sort()
    return chosen


def members_of(ids: Collection[str], desk: Desk, *, scan: bool) -> Iterator[Member]:
    """Yield the members of *ids*; for many of them the whole table is read."""
    if not scan:
        yield from people(ids, desk).values()
        return
    for row in desk.rows(Scan(desk.tables.members, begins=(members.PROFILE,))):
        if str(row["pk"]) in ids:
            yield members.parse(row)


def _obstacle(member: Member) -> str:
    if member.standing.withdrawn:
        return "退会しています"
    return "" if address_of(member).complete else "郵便番号・住所・氏名が揃っていません"
