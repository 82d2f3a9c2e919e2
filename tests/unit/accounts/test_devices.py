"""A browser in plain words."""

import pytest

from portal.accounts.devices import UNKNOWN, in_words

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) {}Mobile/15E148{}"
)
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) {}"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) {}"
CHROME = "Chrome/131.0.0.0 "


@pytest.mark.parametrize("user_agent", ["", "-", "curl/8.5.0", "<script>alert(1)</script>", "\x00"])
def test_what_is_no_browser_is_unknown_and_never_repeated(user_agent: str) -> None:
    assert in_words(user_agent) == UNKNOWN


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (IPHONE.format("Version/18.1 ", " Safari/604.1"), "iPhone（Safari）"),
        (IPHONE.format("CriOS/131.0 ", " Safari/604.1"), "iPhone（Chrome）"),
        (IPHONE.format("FxiOS/132.0 ", " Safari/605.1.15"), "iPhone（Firefox）"),
        (IPHONE.format("", " Safari Line/14.18.0"), "iPhone（LINE）"),
        (IPHONE.format("GSA/340.3 ", " Safari/604.1"), "iPhone（Google アプリ）"),
        (WINDOWS.format(CHROME + "Safari/537.36"), "Windows パソコン（Chrome）"),
        (WINDOWS.format(CHROME + "Safari/537.36 Edg/131.0.0.0"), "Windows パソコン（Edge）"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Windows パソコン（Firefox）",
        ),
        (ANDROID.format(CHROME + "Mobile Safari/537.36"), "Android（Chrome）"),
        (
            ANDROID.format("SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36"),
            "Android（Samsung ブラウザ）",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.1 Safari/605.1.15",
            "Mac または iPad（Safari）",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/132.0", "Linux パソコン（Firefox）"),
        ("Something on iPad", "iPad"),
        ("Firefox alone", "Firefox"),
    ],
)
def test_a_browser_is_named_as_its_member_would_name_it(user_agent: str, words: str) -> None:
    assert in_words(user_agent) == words
