"""A missing setting fails the start with its name; society.toml says what is wrong in it."""

from pathlib import Path

import pytest

from portal.config import (
    Config,
    MemberKind,
    MissingSetting,
    Society,
    load_society,
    receipt_fonts,
)

SETTINGS = {
    "STAGE": "test",
    "PUBLIC_BASE_URL": "https://jgets-member.net/",
    "CREDENTIALS_TABLE": "t-credentials",
    "SESSIONS_TABLE": "t-sessions",
    "THROTTLE_TABLE": "t-throttle",
    "MEMBERS_TABLE": "t-members",
    "BILLING_TABLE": "t-billing",
    "INBOX_TABLE": "t-inbox",
    "OUTBOX_TABLE": "t-outbox",
    "AUDIT_TABLE": "t-audit",
    "PEPPER_SECRET_ARN": "arn:pepper",
    "MASK_SECRET_ARN": "arn:mask",
    "GMO_SECRET_ARN": "arn:gmo",
    "GMO_API_BASE": "https://gmo.example/",
    "GMO_SHOP_ID": "tshop00000000",
    "GMO_CONFIG_ID": "001",
    "MAIL_CONFIGURATION_SET": "mail",
    "BCRYPT_COST": "12",
}


def test_the_settings_become_one_frozen_object() -> None:
    config = Config.from_env(SETTINGS)
    assert config.public_base_url == "https://jgets-member.net"
    assert config.gmo_api_base == "https://gmo.example"
    assert config.bcrypt_cost == 12
    assert config.mail_redirect_to == ""
    names = Config.__dataclass_fields__["tables"].type.__dataclass_fields__  # type: ignore[union-attr]
    assert {n: getattr(config.tables, n) for n in names} == {n: f"t-{n}" for n in names}


@pytest.mark.parametrize("name", sorted(SETTINGS))
@pytest.mark.parametrize("given", [None, ""])
def test_a_missing_setting_is_named(name: str, given: str | None) -> None:
    settings = {n: v for n, v in SETTINGS.items() if n != name}
    if given is not None:
        settings[name] = given
    with pytest.raises(MissingSetting, match=name) as missing:
        Config.from_env(settings)
    assert missing.value.name == name


def test_all_mail_may_be_sent_to_one_address() -> None:
    config = Config.from_env({**SETTINGS, "MAIL_REDIRECT_TO": "test@jgets.jp"})
    assert config.mail_redirect_to == "test@jgets.jp"


def test_the_societys_file_can_be_read() -> None:
    society = load_society()
    assert society == Config.from_env(SETTINGS).society
    assert society.mail_sender.endswith(f"@{society.mail_domain}")
    assert society.slip_term_days > 0


def society_file(folder: Path, old: str, new: str) -> Path:
    text = Path(__file__).parents[3].joinpath("society.toml").read_text(encoding="utf-8")
    assert old in text
    path = folder / "society.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_another_society_changes_the_file_alone(tmp_path: Path) -> None:
    path = society_file(tmp_path, 'short_name = "JGETS"', 'short_name = "ANOTHER"')
    assert load_society(path).short_name == "ANOTHER"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("term_days = 14", "", "slip_term_days"),
        ("term_days = 14", "term_day = 14", "slip_term_day"),
        ("term_days = 14", 'term_days = "14"', "slip_term_days"),
        ("term_days = 14", "term_days = true", "slip_term_days"),
        ("true_name = false", "true_name = 0", "member_true_name"),
        ("[society]", 'name = "x"\n[society]', "name"),
        ('phone = "03-0000-0000"', "phone = 300000000", "contact_phone"),
        ("[30, 7, -14, -45]", '[30, "7"]', "reminders_days_before_due"),
        ("[30, 7, -14, -45]", "30", "reminders_days_before_due"),
        ('"jgets", "nihon"', '"jgets", 1', "password_words"),
        ("[30, 7, -14, -45]", '["30"]', "reminders_days_before_due"),
        ("{year}年度", "年度", "dues_title"),
        ('due = "06-30"', 'due = "06-31"', "dues_due"),
        ('due = "06-30"', 'due = "02-29"', "dues_due"),
        ('due = "06-30"', 'due = "6-30"', "dues_due"),
        ('due = "06-30"', 'due = "W27-2"', "dues_due"),
        ('due = "06-30"', "due = 2026-06-30", "dues_due"),
        ('closes = "03-31"', "", "dues_closes"),
        ('year_begins = "04-01"', 'year_begins = "4"', "dues_year_begins"),
        ("stop_after_unpaid_years = 2", "stop_after_unpaid_years = 0", "dues_stop_after"),
        ("stop_after_unpaid_years = 2", "stop_after_unpaid_years = 1", "dues_stop_after"),
        ("warning_years = 2", "warning_years = 3", "dues_stop_after"),
        ("initial_days = 180", "initial_days = 29", "password_initial_days"),
        ("initial_days = 180", "initial_days = 367", "password_initial_days"),
        ("initial_days = 180", 'initial_days = "180"', "password_initial_days"),
        ("years_after_leaving = 7", "years_after_leaving = -7", "retention_years"),
        ("years_after_leaving = 7", "years_after_leaving = 1", "retention_years"),
        ("years_after_leaving = 7", "years_after_leaving = 70", "retention_years"),
        ("[[dues.kinds]]", "[dues.kinds]", "dues_kinds"),
        ("[[dues.kinds]]", "[[dues.sorts]]", "dues_kinds"),
        ("amount = 12000", "amount = 12000.5", "dues_kinds"),
        ("amount = 12000", "amount = -1", "dues_kinds"),
        ("on_leave = 0", "on_leave = -1", "dues_kinds"),
        ("on_leave = 0", "", "dues_kinds"),
        ("on_leave = 0", "while_ill = 0", "dues_kinds"),
        ('name = "正会員"', 'name = ""', "dues_kinds"),
    ],
)
def test_a_fault_in_the_societys_file_is_named(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    with pytest.raises(MissingSetting, match=rf"society\.toml.*{named}"):
        load_society(society_file(tmp_path, old, new))


TWO_KINDS = """on_leave = 0
[[dues.kinds]]
name = "賛助会員"
amount = 5000
on_leave = 2500
"""


def test_a_kind_of_members_has_its_own_dues_and_the_first_is_meant_by_no_name(
    tmp_path: Path,
) -> None:
    society = load_society(society_file(tmp_path, "on_leave = 0", TWO_KINDS))
    assert society.kind("賛助会員") == MemberKind("賛助会員", 5_000, 2_500)
    assert society.kind("") == society.kind("正会員") == society.dues_kinds[0]
    assert society.kind("名誉会員") is None


def test_two_kinds_of_one_name_are_refused(tmp_path: Path) -> None:
    path = society_file(tmp_path, "on_leave = 0", TWO_KINDS.replace("賛助会員", "正会員"))
    with pytest.raises(MissingSetting, match="dues_kinds"):
        load_society(path)


def test_every_fact_of_the_society_is_a_text_a_number_a_switch_or_a_list() -> None:
    kinds = {field.type for field in Society.__dataclass_fields__.values()}
    assert kinds == {str, int, bool, tuple[int, ...], tuple[str, ...], tuple[MemberKind, ...]}


def test_the_font_lies_where_the_deployment_says_else_on_the_desk() -> None:
    assert receipt_fonts({"RECEIPT_FONT_DIR": "/opt/fonts"}) == Path("/opt/fonts")
    assert receipt_fonts({}).parts[-2:] == (".tools", "fonts")
