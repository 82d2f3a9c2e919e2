"""``portal-ops``, also as ``python -m ops``: the office's and operators' command line.

It acts with the AWS rights of whoever types it; every act is written into the audit.
"""

import sys


def run() -> int:
    """Run what was typed and return the exit status, also when Ctrl-C comes before its begin."""
    from ops.exits import Status
    from ops.pipe import finish

    try:
        from ops.cli import main, unforeseen
        from ops.logs import apart
        from ops.reach import reach

        apart()
        try:
            return main(sys.argv[1:], reach)
        except Exception as error:  # noqa: BLE001 - Python would print its text, perhaps of members.
            return unforeseen(error, sys.argv[1:])
    except KeyboardInterrupt:
        return Status.STOPPED
    finally:
        finish()


if __name__ == "__main__":
    sys.exit(run())
