"""``make bench``: cold starts and warm pages beside a bare handler, page weights, the receipt.

Both sides run interleaved in fresh interpreters on one core; medians are compared. Milliseconds
depend on the machine, the ratios hardly do.
"""

import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks import evenness
from benchmarks.stub_dynamo import StubDynamo
from local.template_overrides import BUILD_DIR, BUILD_ENVIRONMENT, ROOT
from portal.accounts.sessions import SessionStore
from portal.billing.model import Invoice, InvoiceState
from portal.billing.store import BillingStore
from portal.clock import utc_now
from portal.config import Config, Tables
from portal.database import Put
from portal.expressions import marshal
from portal.ids import crockford, new_member_id
from tests.fakes import MemoryDatabase

COLD_RUNS = 15
WARM_ROUNDS = 400
HERE = Path(__file__).parent


@dataclass(frozen=True)
class World:
    """What both sides read: one session and ten years of dues."""

    rows: dict[str, list[dict[str, object]]]
    cookie: str
    session_key: str


def tables() -> Tables:
    """Return table names for a deployment that exists only here."""
    names = ("credentials", "sessions", "throttle", "members", "billing", "inbox", "outbox")
    return Tables(**{name: name for name in names}, audit="audit")


def world() -> World:
    """Make the rows with the portal's own stores."""
    member_id, now = new_member_id(), utc_now()
    sessions = SessionStore(MemoryDatabase(), tables())
    cookie, put = sessions.create(
        member_id, "001234", now=now, must_change=False, network="192.0.2.0/24", device="bench"
    )
    store = BillingStore(MemoryDatabase(), "billing")
    dues = [
        put for year in range(2017, 2027) for put in store.new_invoice(invoice(member_id, year))
    ]
    key = json.dumps({name: marshal(value) for name, value in put.key.items()})
    rows = {"sessions": [typed(put)], "billing": [typed(one) for one in dues]}
    return World(rows, f"__Host-session={cookie}", key)


def invoice(member_id: str, year: int) -> Invoice:
    """Return one year's dues, the last one unpaid."""
    return Invoice(
        member_id=member_id,
        member_no="001234",
        invoice_id=crockford(16).lower(),
        title=f"{year}年度 年会費",
        fiscal_year=year,
        amount=10000,
        due_on=date(year + 1, 3, 31),
        closes_on=date(year + 2, 3, 31),
        state=InvoiceState.UNPAID if year == 2026 else InvoiceState.PAID,
        paid_on=None if year == 2026 else date(year, 6, 1) + timedelta(days=1),
    )


def typed(put: Put) -> dict[str, object]:
    """Return a row in DynamoDB's typed form."""
    return {name: marshal(value) for name, value in put.item.items()}


def environment(endpoint: str, made: World) -> dict[str, str]:
    """Return the environment of both sides."""
    names = {f"{name.upper()}_TABLE": name for name in Tables.__dataclass_fields__}
    return names | {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "STAGE": "bench",
        "PUBLIC_BASE_URL": "https://jgets-member.net",
        "PEPPER_SECRET_ARN": "none",
        "MASK_SECRET_ARN": "none",
        "GMO_SECRET_ARN": "none",
        "GMO_API_BASE": "https://127.0.0.1",
        "GMO_SHOP_ID": "none",
        "GMO_CONFIG_ID": "none",
        "MAIL_CONFIGURATION_SET": "none",
        "BCRYPT_COST": "12",
        "BENCH_COOKIE": made.cookie,
        "BENCH_SESSION_KEY": made.session_key,
    }


def built(function: str) -> str:
    """Return the path of a built function with its layer."""
    return os.pathsep.join((str(BUILD_DIR / function), str(BUILD_DIR / "CommonLayer" / "python")))


def ours(kind: str, rounds: int, environ: Mapping[str, str]) -> float:
    """Run a page of the portal in a fresh interpreter and return what it printed."""
    function = "BillingFunction" if kind == "data" else "LoginFunction"
    environ = {**environ, "BENCH_PATH": built(function)}
    command = [sys.executable, "-I", "-S", str(HERE / "ours.py"), kind, str(rounds)]
    return float(_run(command, environ))


def bare(kind: str, rounds: int, environ: Mapping[str, str]) -> float:
    """Run the bare handler in a fresh interpreter and return what it printed."""
    return float(_run([sys.executable, str(HERE / "bare.py"), kind, str(rounds)], environ))


def _run(command: list[str], environ: Mapping[str, str]) -> str:
    done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
    return done.stdout.strip().splitlines()[-1]


def medians(kind: str, environ: Mapping[str, str]) -> tuple[float, float]:
    """Return the median seconds of a cold start, ours and bare, taken turn by turn."""
    spent: dict[str, list[float]] = {"ours": [], "bare": []}
    sides: dict[str, Callable[[str, int, Mapping[str, str]], float]] = {"ours": ours, "bare": bare}
    for _ in range(COLD_RUNS):
        for name, side in sides.items():
            started = time.perf_counter()
            side(kind, 0, environ)
            spent[name].append(time.perf_counter() - started)
    return statistics.median(spent["ours"]), statistics.median(spent["bare"])


def report(what: str, mine: float, other: float, goal: float) -> None:
    """Print one comparison in milliseconds."""
    ratio = mine / other
    verdict = "reached" if ratio <= goal else "MISSED"
    print(
        f"{what:44} {mine * 1000:8.1f} ms {other * 1000:8.1f} ms"
        f"  {ratio:5.2f} x  (goal {goal}: {verdict})"
    )


def build() -> None:
    """Build the artifacts as for the local stack."""
    sam = ROOT / ".tools/sam/bin/sam"
    command = [str(sam), "build", "--build-dir", str(BUILD_DIR), "--config-env", "local"]
    environ = {**os.environ, **BUILD_ENVIRONMENT, "SAM_CLI_TELEMETRY": "0"}
    subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True)


def pin_to_one_core() -> None:
    """Keep this process and its children on one core where the system allows it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def weight() -> None:
    """Print the sign-in page's size as sent."""
    from functions.login.pages import LoginPages  # noqa: F401 - proves that the sources are there.

    made = Config.from_env(environment("http://127.0.0.1:1", world()))
    from portal.web.http import Request
    from portal.web.render import Renderer

    request = Request("GET", "/", {}, {}, {}, {}, b"", "", "bench", utc_now())
    page = Renderer(lambda: made.society).page(request, "error.html", code="P404", minutes=0)
    text = page.body.encode() if isinstance(page.body, str) else page.body
    print(f"{'frame of every page, compressed':44} {len(gzip.compress(text)):8} bytes (goal 14336)")


def main() -> None:
    """Measure and print everything."""
    print("sam build …", flush=True)
    build()
    pin_to_one_core()
    made = world()
    with StubDynamo(made.rows) as stub:
        environ = environment(stub.url, made)
        print(f"{'median of ' + str(COLD_RUNS):44} {'portal':>11} {'bare':>11}")
        report("cold start to the sign-in page", *medians("page", environ), goal=0.4)
        report("cold start to the first page with data", *medians("data", environ), goal=0.9)
        warm = [side("data", WARM_ROUNDS, environ) for side in (ours, bare)]
        report("warm statement page, CPU", warm[0], warm[1], goal=1.0)
    weight()
    evenness.report()


if __name__ == "__main__":
    main()
