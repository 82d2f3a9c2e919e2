"""The office's and operators' command line: ``python -m ops --stage production …``.

It acts with the AWS rights of whoever types it; every act is written into the audit.
"""

import argparse
import sys
from collections.abc import Sequence

from ops import access, discrepancies, mail, mask, match_settlement, members, money, remind, replay
from ops.desk import Desk, signed
from ops.release_method import Wish, release
from ops.stack import NotDeployedError, config_of, database
from portal.accounts.hashing import Hasher, Peppers
from portal.aws import secret
from portal.clock import utc_now
from portal.config import Config


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(prog="python -m ops", description="会員ポータルの運用コマンド")
    made.add_argument("--stage", required=True, help="local, staging または production")
    commands = made.add_subparsers(dest="command", required=True)
    method = commands.add_parser("release-method", help="決定済みの支払方法を解除する")
    method.add_argument("--member-no", required=True, help="会員番号（先頭の 0 も入力）")
    method.add_argument("--invoice", default="", help="請求番号（省略すると一覧を表示）")
    signed(method)
    discrepancies.add(commands)
    replay.add(commands)
    money.add(commands)
    remind.add(commands)
    match_settlement.add(commands)
    access.add(commands)
    mail.add(commands)
    mask.add(commands)
    members.add(commands)
    return made


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    typed = parser().parse_args(arguments)
    try:
        config = config_of(typed.stage)
    except NotDeployedError:
        print(f"{typed.stage} はデプロイされていません。")
        return 1
    if typed.command == "mask":
        return mask.masked(typed.identity, lambda: secret(config.mask_secret), print)
    if "act" in typed:
        desk = Desk(
            database(),
            config.tables,
            config.society,
            utc_now,
            print,
            hasher=lambda: Hasher(lambda: _peppers(config), config.bcrypt_cost),
        )
        return int(typed.act(typed, desk))
    wish = Wish(typed.member_no, typed.invoice, typed.reason, typed.by, typed.yes)
    return release(wish, database(), config.tables, utc_now, print)


def _peppers(config: Config) -> Peppers:
    return Peppers.from_secret(secret(config.pepper_secret))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
