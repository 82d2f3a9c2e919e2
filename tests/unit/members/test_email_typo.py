"""Mail addresses that look mistyped."""

import pytest

from portal.members.checks import check
from portal.members.email_typo import KNOWN_DOMAINS, meant
from portal.members.fields import BY_NAME


@pytest.mark.parametrize(
    ("typed", "likely"),
    [
        ("hanako@gmial.com", "hanako@gmail.com"),
        ("hanako@gmail.con", "hanako@gmail.com"),
        ("hanako@gmail.co", "hanako@gmail.com"),
        ("hanako@gamil.com", "hanako@gmail.com"),
        ("Hanako.Y@GMIAL.COM", "Hanako.Y@gmail.com"),
        ("hanako@dokomo.ne.jp", "hanako@docomo.ne.jp"),
        ("hanako@docomo.ne.jo", "hanako@docomo.ne.jp"),
        ("hanako@ezwed.ne.jp", "hanako@ezweb.ne.jp"),
        ("hanako@i.sofbank.jp", "hanako@i.softbank.jp"),
        ("hanako@iclould.com", "hanako@icloud.com"),
        ("hanako@nakano-hospital.con", "hanako@nakano-hospital.com"),
    ],
)
def test_a_domain_close_to_a_known_one_was_probably_meant(typed: str, likely: str) -> None:
    assert meant(typed) == likely


@pytest.mark.parametrize("domain", KNOWN_DOMAINS)
def test_a_known_domain_is_never_asked_about(domain: str) -> None:
    assert meant(f"hanako@{domain}") == ""


@pytest.mark.parametrize(
    "domain",
    [
        "example.jp",
        "nakano-hospital.or.jp",
        "hosp.u-tokyo.ac.jp",
        "jgets.jp",
        "keio.jp",
        "ncc.go.jp",
    ],
)
def test_a_hospitals_domain_is_not_asked_about(domain: str) -> None:
    assert meant(f"hanako@{domain}") == ""


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("hanako@docomo.ne.jp.", "hanako@docomo.ne.jp"),
        ("hanako@gmail,com", "hanako@gmail.com"),
        ("hanako@gmail..com", "hanako@gmail.com"),
        ("hanako@.gmail.com", "hanako@gmail.com"),
    ],
)
def test_a_slip_that_makes_it_no_address_is_refused_with_its_correction(
    typed: str, mended: str
) -> None:
    problem = check(BY_NAME["email"], typed).problem
    assert problem is not None
    assert problem.proposal == mended


@pytest.mark.parametrize("typed", ["hanako", "@gmail.com", "a b@gmail.com", "a@b@gmail.com", "a@."])
def test_what_cannot_be_mended_has_no_correction(typed: str) -> None:
    problem = check(BY_NAME["email"], typed).problem
    assert problem is not None
    assert problem.proposal is None
