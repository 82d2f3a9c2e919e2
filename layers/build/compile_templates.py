"""Compiles the templates of a built layer in place; run with the layer first on the path."""

import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from portal.mail import messages
from portal.web import render


def compile_one(environment: Environment, target: Path) -> None:
    """Write every template of *environment* as a module under *target*, or fail."""
    environment.compile_templates(
        target, zip=None, ignore_errors=False, log_function=lambda _: None
    )


def main(folder: Path) -> None:
    """Compile the page and mail templates under *folder*."""
    portal = folder / "portal"
    pages = render.environment(FileSystemLoader(portal / "web/templates"))
    compile_one(pages, portal / "web/compiled")
    mails = messages.environment(FileSystemLoader(portal / "mail/templates"))
    compile_one(mails, portal / "mail/compiled")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
