"""What no log may hold, looked for in everything that was written (ASVS V16.2.5).

Two ways that complete each other. By shape: a token, a hash, an address or one of the tests' own
passwords is seen even if no test remembered it. By value: the members' names, numbers, addresses
and telephone numbers, the links that were mailed and the deployment's keys, read from the stack
itself after all tests, so that nobody has to report what was made up on the way.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

if TYPE_CHECKING:
    # Every test process loads this module; only those on the stack need what belongs to one.
    from tests.stackfixture import LocalStack

SHAPES: Mapping[str, re.Pattern[str]] = {
    "a session cookie, or a link's owner and token": re.compile(r"[0-9a-z]{26}\.[\w-]{43}"),
    "a token of 256 bits": re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])", re.ASCII),
    "a form token or the hash of a token": re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"),
    "a password's hash": re.compile(r"\$2[aby]\$\d\d\$"),
    "a mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}", re.ASCII),
    "a cookie's name": re.compile(r"__Host-(?!ended)"),
    "a password of the tests": re.compile(
        r"Sakura\d{3,}!|2026himitsu|Momiji2026|Himitsu2026|Hanami26!x|Midori77#|Hajime55|Akaneko8!"
        r"|Wrong1234"
    ),
}

_RANDOM = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"  # a request's id
    r"|\b1-[0-9a-f]{8}-[0-9a-f]{24}\b"  # a trace's id
    r"|\b[0-9a-f]{12,}\b"  # a digest
    # A request's reference is the first eight signs of its id, a mask has eight of a digest.
    r"|\b(?=[0-9]*[a-f])[0-9a-f]{8}\b|\b(?=[0-9]*[A-F])[0-9A-F]{8}\b"
)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_LINKS = re.compile(r"/member/(?:password/reset|email)/(\S+)")
_FIELDS = (
    "family_name", "given_name", "family_name_kana", "given_name_kana",
    "city", "street", "building", "workplace", "department",
)  # fmt: skip
_NUMBERS = ("member_no", "phone", "mobile", "postal_code")


def shapes_in(text: str) -> set[str]:
    """Return what kinds of secrets stand in *text*; never the secrets themselves."""
    return {what for what, pattern in SHAPES.items() if pattern.search(text)}


def words_in(text: str, words: Iterable[str]) -> set[str]:
    """Return the words that stand in *text*; a number only where no further digit touches it.

    The six decimals of a moment, or six digits inside a request's id, are nobody's number.
    """
    found = {word for word in words if word in text}
    numbers = {word for word in found if word.isdigit()}
    plain = _RANDOM.sub("", text) if numbers else ""
    return (found - numbers) | {
        word for word in numbers if re.search(rf"(?<!\d)(?<!\d\.){word}(?!\d)", plain)
    }


def unescaped(text: str) -> str:
    """Return JSON's text as a person reads it, so that 佐 is found however it was written."""
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)


@dataclass(frozen=True)
class Written:
    """Everything that one stack has written, and what it may not have."""

    stack: "LocalStack"

    @cached_property
    def logs(self) -> Mapping[str, str]:
        """What each function and the API have logged since the stack came up."""
        client = self.stack.aws.client("logs")

        def text(group: str) -> str:
            pages = client.get_paginator("filter_log_events").paginate(logGroupName=group)
            return unescaped("\n".join(e["message"] for page in pages for e in page["events"]))

        groups = self.stack.resources.items()
        return {name: text(group) for name, group in groups if name.endswith("LogGroup")}

    @cached_property
    def personal(self) -> set[str]:
        """Names, places and numbers of every member there is."""
        found: set[str] = set()
        for row in self.rows("Members"):
            found |= {text for name in _FIELDS if _telling(text := _text(row, name))}
            found |= {text for name in _NUMBERS if len(text := _text(row, name)) >= 6}
        return found | {_text(row, "pk") for row in self.rows("Credentials")}

    @cached_property
    def keys(self) -> set[str]:
        """The values of all secrets."""
        client = self.stack.aws.client("secretsmanager")

        def text(name: str) -> str:
            value: str = client.get_secret_value(SecretId=self.stack.resources[name])[
                "SecretString"
            ]
            return value

        peppers: dict[str, str] = json.loads(text("PepperSecret"))
        own = {pepper for name, pepper in peppers.items() if name != "current"}
        return own | {text("MaskSecret"), text("GmoShopSecret")}

    @cached_property
    def mailed(self) -> set[str]:
        """Every address that got a mail, and every token that was mailed in a link."""
        with urlopen(f"{self.stack.mailbox}/?format=json") as answer:  # noqa: S310 - our own address.
            mails: list[dict[str, str]] = json.load(answer)
        tokens = {
            found.rpartition(".")[2] for mail in mails for found in _LINKS.findall(mail["text"])
        }
        return tokens | {mail["to"] for mail in mails}

    def rows(self, table: str) -> Iterator[Mapping[str, Any]]:
        """Yield every row of a table."""
        client = self.stack.aws.client("dynamodb")
        name = self.stack.resources[f"{table}Table"]
        for page in client.get_paginator("scan").paginate(TableName=name):
            yield from page["Items"]


def _text(row: Mapping[str, Any], name: str) -> str:
    return str(row.get(name, {}).get("S", ""))


def _telling(text: str) -> bool:
    """Tell whether a field says something of a person; tests also store words like ``null``."""
    return len(text) > 1 and not text.isascii() and text.isprintable()
