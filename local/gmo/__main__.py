"""`python -m local.gmo`: a stand-in that serves until it is interrupted."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from local.gmo.server import serve
from local.gmo.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until Ctrl-C or SIGTERM."""
    try:
        running = serve(settings_of(arguments))
    except (ValueError, OSError) as error:
        print(f"GMO の代役を起動できません: {error}", file=sys.stderr)
        return 1
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    print(f"GMO の代役: {running.url}", flush=True)
    stopping.wait()
    running.stop()
    return 0


def settings_of(arguments: Sequence[str] | None) -> Settings:
    """Reads the command line; the password may come by GMO_SHOP_PASS to stay out of `ps`."""
    parser = argparse.ArgumentParser(prog="local.gmo", description="GMO の代役")
    parser.add_argument("--port", type=int, default=4580)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--shop-id", default="tshop00000000")
    parser.add_argument("--shop-pass", default=os.environ.get("GMO_SHOP_PASS", "tpass00000"))
    parser.add_argument("--notify-url", default="")
    parser.add_argument("--notify-host-header", default="")
    parser.add_argument("--public-url", default="")
    parser.add_argument("--retry-seconds", type=float, default=60.0)
    parser.add_argument("--late-seconds", type=float, default=8.0)
    parser.add_argument("--slow-seconds", type=float, default=20.0)
    parser.add_argument("--hold-seconds", type=float, default=20.0)
    return Settings(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
