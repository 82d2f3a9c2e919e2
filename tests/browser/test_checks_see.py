"""The checks made on every page are seen to fail on a page that is broken."""

import pytest

from tests.browser.pagecheck import assert_fits, assert_structure
from tests.browser.visitor import Visitor


def test_an_input_without_a_label_is_seen(phone: Visitor) -> None:
    phone.open("/member/login")
    phone.page.evaluate("document.querySelector('label').remove()")

    with pytest.raises(AssertionError, match="'unlabelled': \\['member_no'\\]"):
        assert_structure(phone.page)


def test_a_page_wider_than_the_phone_is_seen(phone: Visitor) -> None:
    phone.open("/member/help")
    phone.page.evaluate("document.querySelector('h1').style.width = '500px'")

    with pytest.raises(AssertionError, match="wider than the window"):
        assert_fits(phone.page)


def test_what_the_policy_stops_is_seen(phone: Visitor) -> None:
    phone.open("/member/help")
    with phone.page.expect_console_message(lambda message: "CSP:" in message.text):
        phone.page.evaluate("document.querySelector('h1').setAttribute('style', 'color: red')")

    with pytest.raises(AssertionError, match="CSP: style-src-attr"):
        phone.traffic.assert_clean()
    phone.traffic.complaints.clear()
