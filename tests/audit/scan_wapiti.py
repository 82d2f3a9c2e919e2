"""wapiti: crawls the pages and attacks every form and parameter it meets."""

import json
import shutil
from pathlib import Path
from typing import Any

from tests.audit.door import opened
from tests.audit.findings import Finding, Outcome
from tests.audit.places import REPORTS, WAPITI, report, run
from tests.audit.visitors import Member, named, visitor
from tests.stackfixture import LocalStack

MODULES = (
    *("backup", "crlf", "csrf", "exec", "file", "htaccess", "ldap", "log4shell", "methods"),
    *("permanentxss", "redirect", "shellshock", "spring4shell", "sql", "ssrf", "timesql"),
    *("upload", "xss", "xxe"),
)
"""Left out: what needs a database from the net (nikto, htp, wapp, cms, wp_enum), what looks for
other things than this program (network_device, printer, ssl, takeover), and what guesses files or
passwords from a list (buster, brute_login_form; tests/unit/accounts has the waiting)."""

CRAWL_SECONDS = 60
MODULE_SECONDS = 20
_WHOLE = CRAWL_SECONDS + len(MODULES) * (MODULE_SECONDS + 30) + 120


def scan(stack: LocalStack, member: Member | None) -> Outcome:
    """Crawl and attack as a guest or as *member*. Raises ToolFailed."""
    who = "member" if member else "guest"
    answer, state = report(f"wapiti-{who}.json"), REPORTS / f"wapiti-{who}"
    shutil.rmtree(state, ignore_errors=True)
    at_the_door = visitor(stack, member)
    starts = ("/member/billing", "/member/profile/edit") if member else ("/member/help",)
    with opened(at_the_door) as port:
        command: list[str | Path] = [
            WAPITI,
            "--url",
            f"{stack.portal}/member{'' if member else '/login'}",
        ]
        for path in starts:
            command += ["--start", f"{stack.portal}{path}"]
        command += ["--exclude", f"{stack.portal}/member/logout", "--scope", "domain"]
        command += ["--proxy", f"http://127.0.0.1:{port}", "--module", ",".join(MODULES)]
        command += ["--max-scan-time", str(CRAWL_SECONDS)]
        command += ["--max-attack-time", str(MODULE_SECONDS)]
        command += ["--timeout", "20", "--store-session", state / "session", "--no-bugreport"]
        command += ["--store-config", state / "config", "--verbose", "1"]
        command += ["--format", "json", "--output", answer]
        run(command, f"wapiti-{who}.log", seconds=_WHOLE)
    told = json.loads(answer.read_text(encoding="utf-8"))
    pages = told["infos"]["crawled_pages_nbr"]
    renewed = f", session ended {at_the_door.renewed} times" if member else ""
    return Outcome(
        named("wapiti", member),
        f"{pages} addresses, {len(MODULES)} modules{renewed}",
        tuple(_findings(told)),
    )


def _findings(told: dict[str, Any]) -> list[Finding]:
    groups = ("vulnerabilities", "anomalies", "additionals")
    return [
        Finding(kind, f"{one['method']} {one['path']}", _detail(one))
        for group in groups
        for kind, found in told[group].items()
        for one in found
    ]


def _detail(one: dict[str, Any]) -> str:
    parameter = f" ({one['parameter']})" if one.get("parameter") else ""
    return f"{one['info'].strip()}{parameter}"
