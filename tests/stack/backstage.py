"""What tests see and do behind the pages, with the account's own credentials: mails, the schedule,
what is still being worked on, and rows made older so that nobody has to wait."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.stack.client import Client
from tests.stack.paying import until
from tests.stackfixture import LocalStack

PAST = "2020-01-01T00:00:00.000000Z"

Row = Mapping[str, Any]


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
            yield from answer["Items"]

    # The schedule, without waiting for it

    def ask(self, order_id: str) -> None:
        """Have the schedule ask GMO about an order now.

        It asks for the first time two minutes after 決定. The row is told that its time has come,
        and the function is started with the input that the schedule gives it every minute.
        """
        self._set(order_id, "next_ask_at", PAST)
        self._task("ask")

    def sweep(self) -> None:
        """Have the sweep take every delivery that waits, as it does once its time has come."""
        for row in list(self.pending()):
            if "waiting_for" in row:
                self._update("Inbox", {"pk": row["pk"]}, "due_at", PAST)
        self._task("sweep")

    def long_ago(self, order_id: str) -> None:
        """Make 決定 look older, as a new try is only let pass when the first must have ended."""
        self._set(order_id, "created_at", PAST)

    def orders_of_invoice(self, member_no: str, invoice_id: str) -> list[str]:
        """Return the order ids in our own rows, also those that GMO never heard of."""
        credential = self._database.get_item(
            TableName=self._table("Credentials"), Key={"pk": {"S": member_no}}
        )["Item"]
        rows = self._database.query(
            TableName=self._table("Billing"),
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": credential["member_id"], ":sk": {"S": "PAY#"}},
            ConsistentRead=True,
        )["Items"]
        mine = [row for row in rows if row["invoice_id"]["S"] == invoice_id]
        return [row["sk"]["S"].removeprefix("PAY#") for row in mine]

    def _task(self, name: str) -> None:
        answer = self._lambda.invoke(
            FunctionName=f"{self._stack.resources['SettlementFunction']}:live",
            Payload=json.dumps({"task": name}).encode(),
        )
        assert "FunctionError" not in answer, answer["Payload"].read()

    def _set(self, order_id: str, attribute: str, value: str) -> None:
        self._update("Billing", self._payment_key(order_id), attribute, value)

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
