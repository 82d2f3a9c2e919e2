"""The project's own template built with ``sam build`` and deployed with ``sam deploy``.

Both are left out when nothing they are made from has changed since they last succeeded.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local import environment, processes
from local.inputs import Stamp, digest
from local.progress import Progress
from local.settings import ROOT, SHOP_ID, STACK_NAME, Settings

WORK = ROOT / ".aws-sam"
# Apart from .aws-sam/build, which is for AWS: the local one is for this machine's processor.
BUILD = WORK / "local"
_SOURCES = ("template.yaml", "samconfig.toml", "society.toml", "layers", "functions")
_TOOLS = ("local/deploy.py", "local/template_overrides.py", "requirements/sam.txt")


@contextmanager
def build_lock() -> Iterator[None]:
    """Keep two runs on one machine from building into one folder at the same time."""
    WORK.mkdir(exist_ok=True)
    with (WORK / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Deployment:
    """Brings the template of this checkout into the local AWS of *settings*."""

    def __init__(
        self, sam: Path, settings: Settings, environ: Mapping[str, str], progress: Progress
    ) -> None:
        self._sam = sam
        self._settings = settings
        self._env = environment.for_aws(environ, settings.endpoint) | {
            # The functions run as processes of this machine.
            "BUILD_ARCHITECTURE": "host"
        }
        self._progress = progress

    def bring(self) -> None:
        """Build and deploy what has changed. Raises processes.Failed with the tool's own words."""
        with build_lock():
            made_from = self._build()
            self._deploy(made_from)

    def _build(self) -> str:
        made_from = digest(ROOT / name for name in (*_SOURCES, *_TOOLS))
        stamp = Stamp(WORK / "local.json")
        if stamp.matches(made_from) and BUILD.is_dir():
            self._progress.say("  sam build: nothing changed")
            return made_from
        stamp.clear()
        with self._progress.step("sam build"):
            self._run(
                "build",
                "--template-file",
                str(ROOT / "template.yaml"),
                "--build-dir",
                str(BUILD),
                "--parallel",
            )
        stamp.set(made_from)
        return made_from

    def _deploy(self, made_from: str) -> None:
        parameters = self.parameters()
        wanted = digest([], extra=f"{made_from} {sorted(parameters.items())}")
        stamp = Stamp(self._settings.data_dir / "deployed.json")
        if stamp.matches(wanted):
            self._progress.say("  sam deploy: nothing changed")
            return
        stamp.clear()
        template = self._local_template()
        with self._progress.step("sam deploy"):
            self._run(
                "deploy",
                "--template-file",
                str(template),
                "--stack-name",
                STACK_NAME,
                "--region",
                environment.REGION,
                "--resolve-s3",
                "--capabilities",
                "CAPABILITY_IAM",
                "--no-confirm-changeset",
                "--no-fail-on-empty-changeset",
                "--parameter-overrides",
                *(f"{name}={value}" for name, value in parameters.items()),
            )
        stamp.set(wanted)

    def parameters(self) -> dict[str, str]:
        """Return the template's parameters for this machine."""
        return {
            "Stage": "local",
            "PublicBaseUrl": self._settings.portal,
            "GmoApiBase": self._settings.gmo,
            "GmoShopId": SHOP_ID,
        }

    def _local_template(self) -> Path:
        """Write the built template without what MiniStack refuses, and tell what was dropped."""
        raise NotImplementedError

    def _run(self, *arguments: str) -> None:
        log = self._settings.logs / f"sam-{arguments[0]}.log"
        processes.run([str(self._sam), *arguments], env=self._env, log=log, cwd=ROOT)
