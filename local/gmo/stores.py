"""The convenience stores: codes, the shape of their numbers, and what the payer reads."""

import secrets
from dataclasses import dataclass

HIGHEST_TOTAL = 300_000


@dataclass(frozen=True)
class Chain:
    """One chain; digits 0 means that the chain has no such number.

    `labels` are (name of the number, which one) in the order the payer needs them.
    """

    code: str
    name: str
    conf_digits: int
    receipt_digits: int
    labels: tuple[tuple[str, str], ...]


CHAINS = {
    chain.code: chain
    for chain in (
        Chain("00007", "セブン-イレブン", 0, 13, (("払込票番号", "receipt"),)),
        Chain("10001", "ローソン", 4, 12, (("お客様番号", "receipt"), ("確認番号", "conf"))),
        Chain(
            "10002",
            "ファミリーマート",
            5,
            12,
            (("第1番号（企業コード）", "conf"), ("第2番号（注文番号）", "receipt")),
        ),
        Chain("10005", "ミニストップ", 4, 12, (("お客様番号", "receipt"), ("確認番号", "conf"))),
        Chain("10008", "セイコーマート", 6, 11, (("受付番号", "receipt"), ("申込番号", "conf"))),
    )
}


def conf_no(chain: Chain) -> str:
    """A CvsConfNo; FamilyMart's is the society's company code and the same for every slip."""
    return "20020" if chain.code == "10002" else digits(chain.conf_digits)


def receipt_no(chain: Chain) -> str:
    """A fresh CvsReceiptNo."""
    return digits(chain.receipt_digits)


def digits(count: int) -> str:
    """Random digits that do not begin with 0; none for a count of 0."""
    if not count:
        return ""
    return str(secrets.randbelow(9 * 10 ** (count - 1)) + 10 ** (count - 1))
