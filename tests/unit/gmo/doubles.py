"""A fake HTTP transport, and the ids of GMO's captured lines."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from portal.gmo.client import Gmo, Reply, Shop
from portal.gmo.errors import UnknownOutcome

FIXTURES = Path(__file__).parents[2] / "fixtures" / "gmo"
SHOP = Shop("tshop00000000", "tpass00000", "dues01")
CARD_ORDER = "D26-7Q2M9V0X4TBKC81H"
CVS_ORDER = "D26-3ZP5RW8E1JG6N0YS"
IDPASS = "text/plain;charset=Windows-31J"

type Answering = Callable[..., Gmo]
"""Takes body, status and content type of the next answer, gives the client that will get it."""

type Captured = Callable[[str], bytes]
"""Takes the name of a captured line, gives its bytes."""


@dataclass(frozen=True)
class Sent:
    """One request as it went to the transport."""

    url: str
    content_type: str
    body: bytes
    timeout: float


@dataclass
class FakeTransport:
    """Gives the prepared answers in turn; an exception among them is raised."""

    answers: list[Reply | UnknownOutcome] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    def post(self, url: str, *, content_type: str, body: bytes, timeout: float) -> Reply:
        self.sent.append(Sent(url, content_type, body, timeout))
        answer = self.answers.pop(0)
        if isinstance(answer, UnknownOutcome):
            raise answer
        return answer
