"""The bare handler: boto3's DynamoDB client and Jinja2, as one would write it in an afternoon.

It does what the portal's page does (one GetItem for the session, one Query for the list) without
sessions, form tokens, headers, errors or types. Usage: ``python bare.py {page|data} ROUNDS``.
"""

import json
import os
import sys
import time

import boto3
from jinja2 import DictLoader, Environment

PAGE = """<!doctype html><html lang=ja><title>{{ title }}</title><style>body{font-family:sans-serif}
</style><h1>{{ title }}</h1>{% for row in rows %}<section><h2>{{ row.title }}</h2>
<p>{{ row.amount }}円 期限 {{ row.due_on }}</p>{% if row.state == "unpaid" %}
<a href="/pay/{{ row.sk }}">支払手続き</a>{% else %}支払済{% endif %}</section>{% else %}
<form method=post>
<label>会員番号<input name=member_no></label><label>パスワード<input name=password type=password>
</label><button>ログイン</button></form>{% endfor %}</html>"""

templates = Environment(loader=DictLoader({"page": PAGE}), autoescape=True)
dynamodb = boto3.client("dynamodb")


def handler(kind: str) -> str:
    """Return one page."""
    rows: list[dict[str, str]] = []
    if kind == "data":
        key = json.loads(os.environ["BENCH_SESSION_KEY"])
        dynamodb.get_item(TableName=os.environ["SESSIONS_TABLE"], Key=key, ConsistentRead=True)
        answer = dynamodb.query(
            TableName=os.environ["BILLING_TABLE"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": key["pk"]},
            ConsistentRead=True,
        )
        rows = [
            {name: str(next(iter(typed.values()))) for name, typed in item.items()}
            for item in answer["Items"]
            if item["sk"]["S"].startswith("INV#")
        ]
    return templates.get_template("page").render(title="会費支払明細", rows=rows)


def main() -> None:
    """Answer once cold, then ROUNDS times warm, and print the CPU seconds of a warm one."""
    kind, rounds = sys.argv[1], int(sys.argv[2])
    if "html" not in handler(kind):
        raise SystemExit("no page")
    started = time.process_time()
    for _ in range(rounds):
        handler(kind)
    print((time.process_time() - started) / max(rounds, 1))


main()
