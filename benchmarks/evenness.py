"""Whether time tells which member numbers exist: a wrong password against an unknown number.

Both go through the whole handler of the sign-in page over a database in memory, taken turn by turn
in random order, so that whatever else the machine does meets both alike. Once with bcrypt at the
deployed cost, as an attacker would meet it, and once at the lowest cost, where everything that is
not the hash would show. CPU seconds, which a busy machine hardly changes.
"""

import logging
import random
import statistics
import time

from portal.accounts.member_number import fold
from tests.unit.accounts.desk import NUMBER, Portal

DEPLOYED, LOWEST = 12, 4
UNKNOWN = fold("099999")


def report() -> None:
    """Print the ratio of the medians, known to unknown, and its spread over ten parts."""
    logging.disable(logging.CRITICAL)
    for cost, rounds in ((DEPLOYED, 20), (LOWEST, 800)):
        known, unknown = measured(cost, rounds)
        mine, other = statistics.median(known), statistics.median(unknown)
        parts = [
            statistics.median(known[part::10]) / statistics.median(unknown[part::10])
            for part in range(10)
        ]
        print(
            f"{f'wrong password : unknown number, cost {cost}':44}"
            f" {mine * 1000:8.2f} ms {other * 1000:8.2f} ms"
            f"  {mine / other:5.3f} x  (tenths {min(parts):.3f}-{max(parts):.3f})"
        )
    logging.disable(logging.NOTSET)


def measured(cost: int, rounds: int) -> tuple[list[float], list[float]]:
    """Return the seconds of each first failed sign-in, with a known and with an unknown number."""
    portal = Portal(cost)
    browser = portal.new_browser()
    browser.get("/member/login")
    spent: dict[str, list[float]] = {NUMBER: [], UNKNOWN: []}
    for _ in range(rounds):
        for number in random.sample(sorted(spent), 2):
            portal.database.tables.pop("throttle", None)
            portal.database.tables.pop("audit", None)
            started = time.process_time()
            page = browser.post("/member/login", {"member_no": number, "password": "Wrong1234"})
            spent[number].append(time.process_time() - started)
            if page.status != 422:
                raise SystemExit(f"answered {page.status}")
    return spent[NUMBER], spent[UNKNOWN]
