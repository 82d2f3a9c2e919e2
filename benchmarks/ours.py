"""One page of the portal from the built artifact. Usage: ``python ours.py {page|data} ROUNDS``.

Runs with ``-I``: nothing but the artifact's folders (BENCH_PATH) is on the path.
"""

import os
import sys
import time

sys.path[:0] = os.environ["BENCH_PATH"].split(os.pathsep)
KIND, ROUNDS = sys.argv[1], int(sys.argv[2])
RESOURCE = "/member/billing" if KIND == "data" else "/member/login"


def event() -> dict[str, object]:
    """Return what API Gateway sends for a GET of the page."""
    return {
        "httpMethod": "GET",
        "resource": RESOURCE,
        "path": RESOURCE,
        "pathParameters": None,
        "queryStringParameters": None,
        "multiValueHeaders": {"Cookie": [os.environ["BENCH_COOKIE"]], "User-Agent": ["bench"]},
        "body": None,
        "isBase64Encoded": False,
        "requestContext": {"requestId": "bench", "identity": {"sourceIp": "192.0.2.1"}},
    }


def main() -> None:
    """Answer once cold, then ROUNDS times warm, and print the CPU seconds of a warm one."""
    if KIND == "data":
        from functions.billing.app import handler
    else:
        from functions.login.app import handler
    # The log lines of a request are part of its cost, but not of this program's output.
    sys.stdout.flush()
    saved, quiet = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    first = handler(event(), None)
    started = time.process_time()
    for _ in range(ROUNDS):
        handler(event(), None)
    spent = (time.process_time() - started) / max(ROUNDS, 1)
    sys.stdout.flush()
    os.dup2(saved, 1)
    if first["statusCode"] != 200:
        raise SystemExit(f"answered {first['statusCode']}")
    print(spent)


main()
