"""Where the local stack listens and keeps its things, from the environment of ``make run``."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The project's root."""

HOST = "127.0.0.1"
PORTAL_HOST = "jgets-member.localhost"
STACK_NAME = "member-portal-local"


class BadSetting(Exception):
    """A variable does not hold what it should; the text says which and why."""


@dataclass(frozen=True)
class Settings:
    """Ports and the folder that holds everything a second start needs."""

    port: int
    gmo_port: int
    mail_port: int
    data_dir: Path
    demo: bool = True
    """Whether the demo's members are put into it; an office begins without any."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read PORT, GMO_PORT, MAIL_PORT, DATA_DIR and DEMO. Raises BadSetting naming a bad one."""
        port = _port(environ, "PORT", 4566)
        gmo_port = _port(environ, "GMO_PORT", 4580)
        mail_port = _port(environ, "MAIL_PORT", gmo_port + 1)
        if len({port, gmo_port, mail_port}) < 3:
            raise BadSetting("PORT, GMO_PORT and MAIL_PORT must differ (the last is GMO_PORT + 1)")
        return cls(
            port=port,
            gmo_port=gmo_port,
            mail_port=mail_port,
            data_dir=(ROOT / environ.get("DATA_DIR", ".local")).resolve(),
            demo=_demo(environ),
        )

    @property
    def endpoint(self) -> str:
        """The local AWS."""
        return f"http://{HOST}:{self.port}"

    @property
    def connect(self) -> str:
        """Where a client that cannot resolve *.localhost connects to."""
        return f"{HOST}:{self.port}"

    @property
    def portal_host(self) -> str:
        """The portal's Host header."""
        return f"{PORTAL_HOST}:{self.port}"

    @property
    def portal(self) -> str:
        """The portal's address in a browser."""
        return f"http://{self.portal_host}"

    @property
    def gmo(self) -> str:
        """The stand-in's address."""
        return f"http://{HOST}:{self.gmo_port}"

    @property
    def mailbox(self) -> str:
        """The page on which mail can be read."""
        return f"http://{HOST}:{self.mail_port}"

    @property
    def demo_file(self) -> Path:
        """Addresses and demo accounts as JSON."""
        return self.data_dir / "demo.json"

    @property
    def logs(self) -> Path:
        """What the started programs wrote."""
        return self.data_dir / "logs"


def free_ports(count: int) -> list[int]:
    """Return *count* different ports that nothing listens on at this moment."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


def in_use(port: int) -> bool:
    """Tell whether something already listens on *port* of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _demo(environ: Mapping[str, str]) -> bool:
    text = environ.get("DEMO") or "members"
    if text not in {"members", "none"}:
        raise BadSetting(f"DEMO={text} is neither members nor none")
    return text == "members"


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise BadSetting(f"{name}={text} is not a port number")
    return int(text)
