"""What a tool found, and what docs/security/audit.md says of it."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

EXPLAINED = Path(__file__).with_name("explained.toml")


@dataclass(frozen=True)
class Finding:
    """One thing that a tool does not like: its name for it, where, and details."""

    kind: str
    where: str
    detail: str = ""

    def __str__(self) -> str:
        return " · ".join(part for part in (self.kind, self.where, self.detail) if part)


@dataclass(frozen=True)
class Outcome:
    """What one tool's run came to. *skipped* says why it did not run, where it did not."""

    tool: str
    result: str
    findings: tuple[Finding, ...] = ()
    skipped: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Explanation:
    """Why findings of a tool, whose line matches *pattern*, need no change."""

    tool: str
    pattern: re.Pattern[str]
    why: str

    def covers(self, tool: str, finding: Finding) -> bool:
        """Tell whether this explains the finding."""
        return tool.startswith(self.tool) and self.pattern.search(str(finding)) is not None


@dataclass
class Ledger:
    """Outcomes sorted by the explanations; an explanation that nothing needs any more is told."""

    explanations: Sequence[Explanation]
    outcomes: list[Outcome] = field(default_factory=list)

    def unexplained(self, outcome: Outcome) -> list[Finding]:
        """Return the findings that no explanation covers."""
        return [one for one in outcome.findings if not self._explained(outcome.tool, one)]

    def _explained(self, tool: str, finding: Finding) -> bool:
        return any(one.covers(tool, finding) for one in self.explanations)

    def stale(self) -> list[Explanation]:
        """Return explanations of tools that ran and found nothing of the kind."""
        return [one for one in self.explanations if self._ran(one) and not self._needed(one)]

    def _ran(self, explanation: Explanation) -> bool:
        ran = [one for one in self.outcomes if one.tool.startswith(explanation.tool)]
        return bool(ran) and not any(one.skipped for one in ran)

    def _needed(self, explanation: Explanation) -> bool:
        return any(
            explanation.covers(one.tool, finding)
            for one in self.outcomes
            for finding in one.findings
        )

    def table(self) -> str:
        """Return the closing table, with every finding that nobody has explained below it."""
        lines = [f"{'tool':28}{'seconds':>8}{'findings':>10}{'unexplained':>13}  result"]
        for one in self.outcomes:
            counts = f"{len(one.findings):10}{len(self.unexplained(one)):13}"
            lines.append(
                f"{one.tool:28}{one.seconds:8.0f}{counts}  {one.skipped and 'skipped: '}"
                f"{one.skipped or one.result}"
            )
        for one in self.outcomes:
            lines += [f"  {one.tool}: {finding}" for finding in self.unexplained(one)]
        lines += [f"  no longer needed: {one.tool} /{one.pattern.pattern}/" for one in self.stale()]
        open_ones = sum(len(self.unexplained(one)) for one in self.outcomes)
        return "\n".join([*lines, f"{open_ones} unexplained"])

    def failed(self) -> bool:
        """Tell whether anything is left to mend or to explain."""
        return any(self.unexplained(one) for one in self.outcomes)


def explanations(file: Path = EXPLAINED) -> list[Explanation]:
    """Read the explanations; raises re.error or KeyError for one that is not whole."""
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["explained"]
    return [Explanation(row["tool"], re.compile(row["finding"]), row["why"]) for row in rows]
