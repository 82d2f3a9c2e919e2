"""The table of codes, and texts without secrets."""

import pytest

from portal.gmo.errors import (
    Busy,
    Code,
    GmoError,
    Meaning,
    NotFound,
    Refused,
    UnknownOutcome,
    Unsendable,
    from_codes,
    from_search,
    meaning,
)


@pytest.mark.parametrize(
    "code",
    [
        ("E90", "E90010001"),
        ("E91", "E91019999"),
        ("E91", "E91020001"),
        ("E91", "E91029999"),
        ("E91", "E91099999"),
        ("E82", "E82010001"),
        ("E92", "E92999999"),
        ("", ""),
        ("X77", "X77000001"),
        ("E00", "E00000000"),
        ("EZ9", "EZ9000001"),
    ],
)
def test_a_fault_at_gmo_and_a_code_we_do_not_know_leave_the_outcome_open(code: Code) -> None:
    """Only a known code may be taken for the word that nothing happened."""
    assert isinstance(from_codes([code]), UnknownOutcome)


def test_one_unclear_code_makes_the_whole_answer_unclear() -> None:
    error = from_codes([("EZ1", "EZ1003001"), ("E91", "E91099999")])
    assert isinstance(error, UnknownOutcome)
    assert error.codes == (("EZ1", "EZ1003001"), ("E91", "E91099999"))


def test_no_code_at_all_leaves_the_outcome_open() -> None:
    assert isinstance(from_codes([]), UnknownOutcome)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (("E01", "E01030002"), Meaning.CONFIGURATION),
        (("M01", "M01002002"), Meaning.CONFIGURATION),
        (("EZ1", "EZ1040002"), Meaning.CONFIGURATION),
        (("E01", "E01080101"), Meaning.CONFIGURATION),
        (("EZ1", "EZ1070014"), Meaning.DUPLICATE),
        (("E01", "E01040010"), Meaning.DUPLICATE),
        (("EZ1", "EZ1004001"), Meaning.BUG),
        (("M01", "M01005011"), Meaning.BUG),
        (("EZ2", "EZ2278002"), Meaning.NOT_FOUND),
        (("EZ2", "EZ2278010"), Meaning.STATE),
        (("E11", "E11010003"), Meaning.STATE),
        (("E11", "E11010010"), Meaning.TOO_OLD),
        (("42G", "42G020000"), Meaning.PAYER),
        (("E21", "E21020002"), Meaning.PAYER),
        (("EZ1", "EZ1043015"), Meaning.ENDED),
        (("EZ3", "EZ3001001"), Meaning.ENDED),
    ],
)
def test_known_codes_are_refusals_that_tell_what_to_do(code: Code, expected: Meaning) -> None:
    error = from_codes([code])
    assert meaning(code) is expected
    assert isinstance(error, Refused)
    assert error.means(expected)


def test_a_refusal_without_info_is_known_by_its_family() -> None:
    assert isinstance(from_codes([("EZ1", "")]), Refused)


@pytest.mark.parametrize("info", ["E92000001", "E92000002", "EZ2400001"])
def test_flow_control_and_maintenance_are_busy(info: str) -> None:
    assert isinstance(from_codes([(info[:3], info)]), Busy)


def test_a_search_finds_nothing_only_when_every_code_says_so() -> None:
    """A malformed question must not be read as: nobody has paid."""
    assert isinstance(from_search([("M01", "M01004002")]), NotFound)
    assert isinstance(from_search([("M01", "M01051001"), ("M01", "M01004002")]), Refused)
    assert isinstance(from_search([("E91", "E91099999"), ("M01", "M01004002")]), UnknownOutcome)
    assert isinstance(from_search([]), UnknownOutcome)


def test_finding_nothing_is_not_a_refusal() -> None:
    assert not isinstance(from_search([("M01", "M01004002")]), Refused)
    assert isinstance(from_codes([("M01", "M01004002")]), Refused)


@pytest.mark.parametrize(
    "error",
    [
        from_codes([("EZ1", "tpass00000 会員太郎")]),
        from_search([("<b>", "m@example.com")]),
        UnknownOutcome("codes", codes=[("password=x", "y" * 5000)]),
    ],
)
def test_texts_show_codes_and_nothing_that_is_not_a_code(error: GmoError) -> None:
    text = str(error) + repr(error)
    assert not any(word in text for word in ("会員", "@", "<b>", "password", "yyy", " 会"))


def test_texts_stay_short_however_many_codes_came() -> None:
    assert len(str(from_codes([("EZ1", "EZ1003001")] * 1000))) < 300


def test_an_unsendable_request_names_its_parts() -> None:
    assert Unsendable("transaction.Amount").fields == ("transaction.Amount",)
