"""What tests see and do behind the pages, with the account's own credentials: mails, the schedule,
what is still being worked on, and rows made older so that nobody has to wait."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from portal.expressions import plain
from tests.stack.client import Client
from tests.stack.paying import until
from tests.stackfixture import LocalStack

PAST = "2020-01-01T00:00:00.000000Z"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Account:
    """Rows of one member's partition: invoices by id, payments by order in the order of opening."""

    invoices: Mapping[str, Row]
    payments: Mapping[str, Row]


class Backstage:
    """The tables, the functions and the mailbox of one stack."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._database = stack.aws.client("dynamodb")
        self._lambda = stack.aws.client("lambda")
        self._mailbox = Client(urlsplit(stack.mailbox).netloc, stack.mailbox)

    # Mail

    def mailbox(self) -> list[dict[str, str]]:
        """Return every mail, newest first."""
        mails: list[dict[str, str]] = json.loads(self._mailbox.get("/?format=json").body)
        return mails

    def mails(self, address: str) -> list[dict[str, str]]:
        """Return the mails to one address, newest first, once nothing is on its way any more."""
        self.quiet()
        return [mail for mail in self.mailbox() if mail["to"] == address]

    def subjects(self, address: str) -> list[str]:
        """Return the subjects of the mails to one address, oldest first, without the prefix."""
        return [mail["subject"] for mail in reversed(self.mails(address))]

    def became(self, address: str, what: str) -> None:
        """Press a button below the newest mail to *address*: what became of it, as SES tells."""

        def newest() -> str:
            articles = self._mailbox.get("/").html.split("<article>")[1:]
            return next((one for one in articles if f"<dd>{address}</dd>" in one), "")

        found = re.search(r'name="message_id" value="([^"]+)"', until(newest, bool))
        assert found
        answer = self._mailbox.post("/events", {"message_id": found[1], "what": what})
        assert answer.status == 303, answer.text

    # What is on its way

    def quiet(self) -> None:
        """Wait until every delivery and every mail has been worked on."""
        until(self._on_the_way, lambda rows: not rows)

    def _on_the_way(self) -> list[str]:
        return [str(row["pk"]["S"]) for row in self.pending() if "waiting_for" not in row]

    def pending(self) -> Iterator[Row]:
        """Yield the pending rows of inbox and outbox; `waiting_for` says that a try came first."""
        for table in ("Inbox", "Outbox"):
            answer = self._database.query(
                TableName=self._table(table),
                IndexName="pending",
                KeyConditionExpression="pending = :p",
                ExpressionAttributeValues={":p": {"S": "P"}},
            )
            for key in answer["Items"]:
                row = self._row(table, {"pk": key["pk"]})
                if "pending" in row:
                    yield row

    def _row(self, table: str, key: Mapping[str, Any]) -> Row:
        """Return a row by its key, for the index gives no more than keys; empty when it is gone."""
        answer = self._database.get_item(TableName=self._table(table), Key=key, ConsistentRead=True)
        found: Row = answer.get("Item", {})
        return found

    # The schedule, without waiting for it

    def ask(self, order_id: str) -> None:
        """Have the schedule ask GMO about an order now.

        It asks for the first time two minutes after 決定. The row is told that its time has come,
        and the function is started with the input that the schedule gives it every minute.
        """
        self._set(order_id, "next_ask_at", PAST)
        self.task("ask")

    def due(self, order_id: str) -> bool:
        """Tell an order that its time has come; False when nobody will ask about it any more."""
        try:
            self._set(order_id, "next_ask_at", PAST)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def sweep(self) -> None:
        """Have the sweep take every delivery that waits, as it does once its time has come."""
        for row in list(self.pending()):
            if "waiting_for" in row:
                self._update("Inbox", {"pk": row["pk"]}, "due_at", PAST)
        self.task("sweep")

    def long_ago(self, order_id: str) -> None:
        """Make 決定 look older, as a new try is only let pass when the first must have ended."""
        self._set(order_id, "created_at", PAST)

    def orders_of_invoice(self, member_no: str, invoice_id: str) -> list[str]:
        """Return the order ids in our own rows, also those that GMO never heard of."""
        rows = self._partition(member_no, "PAY#")
        mine = [row for row in rows if row["invoice_id"]["S"] == invoice_id]
        mine.sort(key=lambda row: str(row["created_at"]["S"]))
        return [row["sk"]["S"].removeprefix("PAY#") for row in mine]

    def _partition(self, member_no: str, sk: str) -> list[dict[str, Any]]:
        credential = self._database.get_item(
            TableName=self._table("Credentials"), Key={"pk": {"S": member_no}}
        )["Item"]
        rows: list[dict[str, Any]] = self._database.query(
            TableName=self._table("Billing"),
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": credential["member_id"], ":sk": {"S": sk}},
            ConsistentRead=True,
        )["Items"]
        return rows

    def account(self, member_no: str) -> Account:
        """Return what is billed to a member, as it is stored."""
        rows = [plain(row) for sk in ("INV#", "PAY#") for row in self._partition(member_no, sk)]
        rows.sort(key=lambda row: str(row.get("created_at", "")))
        by_key = {str(row["sk"]): row for row in rows}
        return Account(
            {sk[4:]: row for sk, row in by_key.items() if sk.startswith("INV#")},
            {sk[4:]: row for sk, row in by_key.items() if sk.startswith("PAY#")},
        )

    def state_of(self, order_id: str) -> str:
        """Return the state of a payment of ours."""
        return str(self._payment(order_id)["state"]["S"])

    def is_surplus(self, order_id: str) -> bool:
        """Tell whether the money of an order came for an invoice that was settled before."""
        return self._payment(order_id).get("flag") == {"S": "surplus"}

    def discrepancies(self) -> dict[tuple[str, str], Row]:
        """Return the open discrepancies of the stack by kind and subject."""
        pages = self._database.get_paginator("query").paginate(
            TableName=self._table("Billing"),
            IndexName="discrepancies",
            KeyConditionExpression="#open = :open",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues={":open": {"S": "open"}},
        )
        rows = [plain(row) for page in pages for row in page["Items"]]
        return {(str(row["kind"]), str(row["subject"])): row for row in rows}

    def task(self, name: str) -> None:
        """Start the function settlement with a task of the schedule."""
        answer = self._lambda.invoke(
            FunctionName=f"{self._stack.resources['SettlementFunction']}:live",
            Payload=json.dumps({"task": name}).encode(),
        )
        assert "FunctionError" not in answer, answer["Payload"].read()

    def _set(self, order_id: str, attribute: str, value: str) -> None:
        self._update("Billing", self._payment_key(order_id), attribute, value)

    def _payment(self, order_id: str) -> Row:
        row: Row = self._database.get_item(
            TableName=self._table("Billing"), Key=self._payment_key(order_id), ConsistentRead=True
        )["Item"]
        return row

    def _payment_key(self, order_id: str) -> dict[str, dict[str, str]]:
        reference = self._database.get_item(
            TableName=self._table("Billing"),
            Key={"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": "REF"}},
            ConsistentRead=True,
        )["Item"]
        return {"pk": reference["member_id"], "sk": {"S": f"PAY#{order_id}"}}

    def _update(self, table: str, key: Mapping[str, Any], attribute: str, value: str) -> None:
        self._database.update_item(
            TableName=self._table(table),
            Key=key,
            UpdateExpression="SET #a = :v",
            ConditionExpression="attribute_exists(#a)",
            ExpressionAttributeNames={"#a": attribute},
            ExpressionAttributeValues={":v": {"S": value}},
        )

    def _table(self, name: str) -> str:
        return self._stack.resources[f"{name}Table"]
