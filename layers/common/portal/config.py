"""Settings: the only module that reads ``os.environ``, once, into frozen objects.

A missing setting fails the start of the function with its name, not a member's request.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path


class MissingSetting(Exception):
    """A setting is absent or empty, or society.toml at fault; ``name`` says which and where."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the setting {name} is missing")
        self.name = name


@dataclass(frozen=True)
class Tables:
    """Names of the DynamoDB tables, see docs/data-model.md."""

    credentials: str
    sessions: str
    throttle: str
    members: str
    billing: str
    inbox: str
    outbox: str
    audit: str


@dataclass(frozen=True)
class MemberKind:
    """A kind of members (会員種別) and its dues: whole yen a year, *on_leave* those while 休会."""

    name: str
    amount: int
    on_leave: int


@dataclass(frozen=True)
class Society:
    """What belongs to this society alone, read from society.toml."""

    name: str
    short_name: str
    postal_address: str
    contact_form: str
    contact_mail: str
    contact_phone: str
    contact_hours: str
    mail_sender: str
    mail_sender_name: str
    mail_domain: str
    password_words: tuple[str, ...]
    member_true_name: bool
    receipt_issuer: str
    receipt_issuer_address: str
    receipt_tax_note: str
    receipt_registration_number: str
    slip_contact: str
    link_card_hours: int
    link_slip_days: int
    slip_term_days: int
    reminders_days_before_due: tuple[int, ...]
    reminders_warning_days_before_due: tuple[int, ...]
    reminders_warning_years: int
    reminders_slip_days_before_term: int
    dues_title: str
    dues_year_begins: str
    dues_due: str
    dues_closes: str
    dues_stop_after_unpaid_years: int
    dues_kinds: tuple[MemberKind, ...]
    password_initial_days: int
    retention_years_after_leaving: int

    @property
    def kind_names(self) -> tuple[str, ...]:
        """The names of the kinds of members, the first of them for whom none is noted."""
        return tuple(one.name for one in self.dues_kinds)

    def kind(self, name: str) -> MemberKind | None:
        """Return a kind of members, the first for no name; None when there is none such."""
        wanted = name or self.dues_kinds[0].name
        return next((one for one in self.dues_kinds if one.name == wanted), None)


@dataclass(frozen=True)
class Config:
    """Everything a function is told by its deployment."""

    stage: str
    public_base_url: str
    tables: Tables
    pepper_secret: str
    mask_secret: str
    gmo_secret: str
    gmo_api_base: str
    gmo_shop_id: str
    gmo_config_id: str
    mail_configuration_set: str
    mail_redirect_to: str
    bcrypt_cost: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """Read the settings. Raises MissingSetting naming the first absent variable."""
        need = _Needed(environ)
        return cls(
            stage=need("STAGE"),
            public_base_url=need("PUBLIC_BASE_URL").rstrip("/"),
            tables=Tables(
                credentials=need("CREDENTIALS_TABLE"),
                sessions=need("SESSIONS_TABLE"),
                throttle=need("THROTTLE_TABLE"),
                members=need("MEMBERS_TABLE"),
                billing=need("BILLING_TABLE"),
                inbox=need("INBOX_TABLE"),
                outbox=need("OUTBOX_TABLE"),
                audit=need("AUDIT_TABLE"),
            ),
            pepper_secret=need("PEPPER_SECRET_ARN"),
            mask_secret=need("MASK_SECRET_ARN"),
            gmo_secret=need("GMO_SECRET_ARN"),
            gmo_api_base=need("GMO_API_BASE").rstrip("/"),
            gmo_shop_id=need("GMO_SHOP_ID"),
            gmo_config_id=need("GMO_CONFIG_ID"),
            mail_configuration_set=need("MAIL_CONFIGURATION_SET"),
            mail_redirect_to=environ.get("MAIL_REDIRECT_TO", ""),
            bcrypt_cost=need.number("BCRYPT_COST"),
        )

    @cached_property
    def society(self) -> Society:
        """The society's own facts, read from society.toml at first use."""
        return load_society()


class _Needed:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __call__(self, name: str) -> str:
        value = self._environ.get(name, "")
        if not value:
            raise MissingSetting(name)
        return value

    def number(self, name: str) -> int:
        value = self(name)
        if not value.isdecimal():
            raise MissingSetting(f"{name} (a whole number)")
        return int(value)


def load_society(path: Path | None = None) -> Society:
    """Read society.toml: beside this module in the built layer, else from the project's root."""
    found = path or _society_file()
    raw = tomllib.loads(found.read_text(encoding="utf-8"))
    flat: dict[str, object] = {}
    for section, entries in raw.items():
        if not isinstance(entries, dict):
            raise MissingSetting(f"society.toml: a section above {section}")
        prefix = "" if section == "society" else f"{section}_"
        flat |= {prefix + key: _frozen(value) for key, value in entries.items()}
    flat["dues_kinds"] = _kinds(flat.get("dues_kinds"))
    _check_society(flat)
    return Society(**flat)  # type: ignore[arg-type]  # The line above has checked the types.


def _check_society(flat: Mapping[str, object]) -> None:
    """Name what is absent, unknown or of the wrong type, at the start and not at a payment."""
    wanted = {one.name: one.type for one in fields(Society)}
    faults = [name for name, kind in wanted.items() if not _is(flat.get(name), kind)]
    faults += sorted(set(flat) - set(wanted))
    faults = faults or [
        *_faults_of_dues(flat),
        *_faults_of_password(flat),
        *_faults_of_retention(flat),
    ]
    if faults:
        raise MissingSetting(f"society.toml: {', '.join(faults)}")


def _faults_of_dues(flat: Mapping[str, object]) -> list[str]:
    """Name what has the right type and still bills nobody rightly."""
    wrong = {name: not _is_month_day(str(flat[name])) for name in _DUES_DAYS}
    wrong["dues_title"] = "{year}" not in str(flat["dues_title"])
    # 資格喪失 without the warning before it would come out of the blue.
    warned, stop = "reminders_warning_years", "dues_stop_after_unpaid_years"
    wrong[stop] = int(str(flat[stop])) < max(1, int(str(flat[warned])))
    return [name for name, is_wrong in wrong.items() if is_wrong]


def _faults_of_password(flat: Mapping[str, object]) -> list[str]:
    """Name what would end initial passwords before their letters arrive, or hardly ever."""
    name = "password_initial_days"
    return [] if 30 <= int(str(flat[name])) <= 366 else [name]


def _faults_of_retention(flat: Mapping[str, object]) -> list[str]:
    """Name what would have people forgotten too early, which cannot be undone, or never.

    Two years are longer than the inbox keeps a notification, which names nobody after that.
    """
    name = "retention_years_after_leaving"
    return [] if 2 <= int(str(flat[name])) <= 50 else [name]


_DUES_DAYS = ("dues_year_begins", "dues_due", "dues_closes")


def _is_month_day(text: str) -> bool:
    """Tell whether every year has this day, written as 06-30."""
    try:
        return f"{date.fromisoformat(f'2001-{text}'):%m-%d}" == text
    except ValueError:
        return False


def _kinds(tables: object) -> object:
    """Return the kinds of members; anything else as it is, for which the check has a word."""
    if not isinstance(tables, tuple):
        return tables
    kinds = tuple(_kind(one) for one in tables)
    names = {one.name for one in kinds if one is not None}
    return kinds if kinds and len(names) == len(kinds) else None


def _kind(table: object) -> MemberKind | None:
    wanted = {one.name: one.type for one in fields(MemberKind)}
    if not isinstance(table, dict) or set(table) != set(wanted):
        return None
    if not all(_is(table[name], kind) for name, kind in wanted.items()):
        return None
    made = MemberKind(**table)
    return made if made.name and min(made.amount, made.on_leave) >= 0 else None


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _is(value: object, kind: object) -> bool:
    """Tell whether *value* is of the type of a fact; a list's parts are of one."""
    if not isinstance(value, tuple):
        return type(value) is kind
    lists = {tuple[int, ...]: int, tuple[str, ...]: str, tuple[MemberKind, ...]: MemberKind}
    wanted = next((part for whole, part in lists.items() if whole == kind), None)
    return wanted is not None and all(type(one) is wanted for one in value)


def receipt_fonts(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the receipt's font: the receipt's layer, or .tools/fonts on a desk."""
    named = environ.get("RECEIPT_FONT_DIR", "")
    return Path(named) if named else Path(__file__).parents[3] / ".tools" / "fonts"


def postcode_file(function: Path) -> Path:
    """Return the file of postcodes: in the function's built folder, or .tools on a desk."""
    built = function / "postcodes.sqlite"
    return built if built.exists() else Path(__file__).parents[3] / ".tools/postcodes" / built.name


def _society_file() -> Path:
    built = Path(__file__).with_name("society.toml")
    return built if built.exists() else Path(__file__).parents[3] / "society.toml"
