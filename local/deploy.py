"""The project's own template built with ``sam build`` and deployed with ``sam deploy``.

Both are left out when nothing they are made from has changed since they last succeeded.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from local import environment, processes, template_overrides
from local.inputs import Stamp, digest
from local.progress import Progress
from local.settings import ROOT, Settings

WORK = ROOT / ".aws-sam"
_SOURCES = ("template.yaml", "samconfig.toml", "society.toml", "layers", "functions")
_TOOLS = (
    "local/bootstrap.py",
    "local/deploy.py",
    "local/template_overrides.py",
    "requirements/sam.txt",
)


@contextmanager
def _build_lock(progress: Progress) -> Iterator[None]:
    """Keep two runs on one machine from building into one folder at the same time."""
    WORK.mkdir(exist_ok=True)
    with (WORK / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with progress.step("waiting for another run's build"):
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def template_parameters(settings: Settings) -> dict[str, str]:
    """Return the parameters of samconfig.toml's local stage, with the ports of *settings*."""
    return template_overrides.parameters(
        {"PublicBaseUrl": settings.portal, "GmoApiBase": settings.gmo}
    )


class Deployment:
    """Brings the template of this checkout into the local AWS of *settings*."""

    def __init__(
        self, sam: Path, settings: Settings, environ: Mapping[str, str], progress: Progress
    ) -> None:
        self._sam = sam
        self._settings = settings
        self._env = {
            **environment.for_aws(environ, settings.endpoint),
            **template_overrides.BUILD_ENVIRONMENT,
        }
        self._progress = progress

    def bring(self) -> None:
        """Build and deploy what has changed. Raises processes.Failed with the tool's own words."""
        with _build_lock(self._progress):
            made_from = self._build()
            self._deploy(made_from)

    def _build(self) -> str:
        made_from = digest(ROOT / name for name in (*_SOURCES, *_TOOLS))
        stamp = Stamp(WORK / "local.json")
        if stamp.matches(made_from) and template_overrides.BUILD_DIR.is_dir():
            self._progress.say("  sam build: nothing changed")
            return made_from
        stamp.clear()
        with self._progress.step("sam build"):
            self._run(
                "build",
                *("--template-file", str(ROOT / "template.yaml")),
                *("--build-dir", str(template_overrides.BUILD_DIR)),
            )
        stamp.set(made_from)
        return made_from

    def _deploy(self, made_from: str) -> None:
        parameters = template_parameters(self._settings)
        wanted = digest([], extra=f"{made_from} {sorted(parameters.items())}")
        stamp = Stamp(self._settings.data_dir / "deployed.json")
        if stamp.matches(wanted):
            self._progress.say("  sam deploy: nothing changed")
            return
        stamp.clear()
        template = self._template_for_ministack()
        with self._progress.step("sam deploy"):
            self._run(
                "deploy",
                *("--template-file", str(template)),
                "--parameter-overrides",
                *(f"{name}={value}" for name, value in parameters.items()),
            )
        stamp.set(wanted)

    def _template_for_ministack(self) -> Path:
        """Write the built template as MiniStack takes it, and tell what is unlike on AWS."""
        built = yaml.safe_load(
            (template_overrides.BUILD_DIR / "template.yaml").read_text(encoding="utf-8")
        )
        adapted, changes = template_overrides.for_local(built)
        for change in changes:
            self._progress.say(f"  unlike on AWS: {change}")
        # Beside the built one, because the paths in it are relative.
        file = template_overrides.BUILD_DIR / "template.local.yaml"
        file.write_text(yaml.safe_dump(adapted, sort_keys=False), encoding="utf-8")
        return file

    def _run(self, *arguments: str) -> None:
        log = self._settings.logs / f"sam-{arguments[0]}.log"
        # sam looks for its settings beside the template, which is elsewhere for the deploy.
        config = ("--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local")
        command = [str(self._sam), arguments[0], *config, *arguments[1:]]
        processes.run(command, env=self._env, log=log, cwd=ROOT)
