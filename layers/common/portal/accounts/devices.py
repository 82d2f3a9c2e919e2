"""A browser in plain words, for the list of the devices on which a member is signed in.

The words are made at sign-in and are all that is kept of the User-Agent. A handful of substrings is
enough to tell one's phone from the computer at work; a library that knows every browser reads
hundreds of patterns first.
"""

# The first that is found counts: an iPad may say Mac, Edge and LINE say Chrome or Safari as well.
_MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows パソコン"),
    ("CrOS", "Chromebook"),
    ("Macintosh", "Mac または iPad"),
    ("Linux", "Linux パソコン"),
)
_BROWSERS = (
    ("Line/", "LINE"),
    ("YJApp", "Yahoo!アプリ"),
    ("GSA/", "Google アプリ"),
    ("Edg", "Edge"),
    ("SamsungBrowser", "Samsung ブラウザ"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
UNKNOWN = "不明な端末"


def in_words(user_agent: str) -> str:
    """Return machine and browser, such as ``iPhone（Safari）``, or ``UNKNOWN``."""
    machine = next((words for mark, words in _MACHINES if mark in user_agent), "")
    browser = next((words for mark, words in _BROWSERS if mark in user_agent), "")
    if machine and browser:
        return f"{machine}（{browser}）"
    return machine or browser or UNKNOWN
