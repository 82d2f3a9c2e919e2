"""Credentials in DynamoDB: the only place that knows the shape of their rows.

pk is the member number; a member whose number is corrected gets a new row. Reads are strongly
consistent, writes are returned as transaction items for a use case to commit with others.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast

from portal.accounts.hashing import StoredPassword
from portal.accounts.model import Credential, first_credential
from portal.accounts.no_password import without_password
from portal.accounts.policy import PasswordPolicy
from portal.clock import iso, jst_date, parse_iso
from portal.database import (
    Database,
    Equals,
    Exists,
    Get,
    Item,
    Missing,
    Path,
    Put,
    Update,
    Value,
)


class CredentialStore:
    """Reads credentials and returns the writes that change them."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def read_key(self, member_no: str) -> Get:
        """Return the read that finds the credential of a canonical number."""
        return Get(self._table, {"pk": member_no})

    def parse(self, item: Item | None) -> Credential | None:
        """Return the credential in a row."""
        return _from_item(item) if item is not None else None

    def find(self, member_no: str) -> Credential | None:
        """Read one credential."""
        return self.parse(self._database.get(self._table, {"pk": member_no}))

    def create(self, credential: Credential) -> Put:
        """Return the write of a new credential; rejected when the number has one already."""
        return Put(self._table, _to_item(credential), when=(Missing("pk"),))

    def signed_in(
        self,
        credential: Credential,
        network: str,
        now: datetime,
        renewed: StoredPassword | None = None,
    ) -> Update:
        """Return the write of a sign-in.

        Rejected when the password was changed, or the way in closed, meanwhile.

        *renewed* is the same password hashed with the present cost and pepper.
        """
        changes: dict[Path, Value] = {
            "networks": _networks(credential, network, now),
            "signed_in_at": iso(now),
        }
        if renewed is not None:
            changes["password"] = _password_item(renewed)
            changes["history"] = _history_item((renewed, *credential.history[1:]))
        return Update(
            self._table,
            {"pk": credential.member_no},
            set=changes,
            add={"version": 1},
            when=(
                Equals(("password", "bcrypt"), credential.password.bcrypt),
                Missing("closed_at"),
            ),
        )

    def changed(
        self,
        credential: Credential,
        password: StoredPassword,
        policy: PasswordPolicy,
        network: str,
    ) -> Update:
        """Return the write of a password the member set; it also lifts a disabled state.

        Rejected when anything happened to the credential since it was read: a sign-in in between
        would have made a session that the caller's list of sessions to end does not have.
        """
        history = (password, *credential.history)[: policy.history]
        return Update(
            self._table,
            {"pk": credential.member_no},
            set={
                "password": _password_item(password),
                "history": _history_item(history),
                "changed_on": jst_date(password.set_at).isoformat(),
                "must_change": False,
                "initial_until": None,
                "disabled": False,
                "networks": _networks(credential, network, password.set_at),
            },
            add={"version": 1},
            when=(Equals("version", credential.version),),
        )

    def reissued(
        self,
        credential: Credential,
        password: StoredPassword,
        policy: PasswordPolicy,
        letters: str = "",
    ) -> Update:
        """Return the write of an initial password that the office issued anew.

        *letters* is the batch in which it is sent. Rejected when anything happened to the
        credential since it was read, as in ``changed``.
        """
        fresh = first_credential(credential.member_no, credential.member_id, password, policy)
        item = _to_item(fresh)
        history = (password, *credential.history)[: policy.history]
        changes: dict[Path, Value] = {
            name: item[name]
            for name in ("password", "changed_on", "must_change", "initial_until", "disabled")
        }
        if letters:
            changes["letters"] = letters
        return Update(
            self._table,
            {"pk": credential.member_no},
            set={**changes, "history": _history_item(history)},
            add={"version": 1},
            remove=() if letters else ("letters",),
            when=(Equals("version", credential.version),),
        )

    def enable(self, member_no: str) -> Update:
        """Return the write that lifts a disabled state. Rejected without such a number."""
        key = {"pk": member_no}
        return Update(self._table, key, set={"disabled": False}, when=(Exists("pk"),))

    def disable(self, member_no: str) -> Update:
        """Return the write that disables a password for networks the member never used.

        Rejected for a number that does not exist.
        """
        key = {"pk": member_no}
        return Update(self._table, key, set={"disabled": True}, when=(Exists("pk"),))

    def close(self, credential: Credential, now: datetime) -> Update:
        """Return the write that closes this way in for every network.

        Rejected when anything happened to the credential since it was read, as in ``changed``.
        """
        return Update(
            self._table,
            {"pk": credential.member_no},
            set={"closed_at": iso(now)},
            add={"version": 1},
            when=(Equals("version", credential.version),),
        )

    def forgotten(self, credential: Credential, now: datetime) -> Update:
        """Return the write that leaves a number which opens nothing, and nothing else.

        Rejected when anything happened to the credential since it was read, as in ``changed``.
        """
        nothing = without_password(credential.password)
        return Update(
            self._table,
            {"pk": credential.member_no},
            set={
                "password": _password_item(nothing),
                "history": _history_item((nothing,)),
                "networks": {},
                "closed_at": iso(credential.closed_at or now),
            },
            add={"version": 1},
            remove=("signed_in_at", "letters"),
            when=(Equals("version", credential.version),),
        )

    def open(self, member_no: str) -> Update:
        """Return the write that opens it again. Rejected when it is not closed."""
        return Update(
            self._table,
            {"pk": member_no},
            add={"version": 1},
            remove=("closed_at",),
            when=(Exists("closed_at"),),
        )


def _networks(credential: Credential, network: str, now: datetime) -> dict[str, Value]:
    return {name: iso(seen) for name, seen in credential.with_network(network, now).items()}


def _password_item(password: StoredPassword) -> dict[str, Value]:
    return {
        "bcrypt": password.bcrypt,
        "pepper": password.pepper,
        "cost": password.cost,
        "set_at": iso(password.set_at),
    }


def _history_item(history: Sequence[StoredPassword]) -> list[Value]:
    return [_password_item(password) for password in history]


def _to_item(credential: Credential) -> Item:
    ends, closed_at = credential.initial_until, credential.closed_at
    item: Item = {
        "pk": credential.member_no,
        "member_id": credential.member_id,
        "password": _password_item(credential.password),
        "history": _history_item(credential.history),
        "changed_on": credential.changed_on.isoformat(),
        "must_change": credential.must_change,
        "initial_until": iso(ends) if ends else None,
        "disabled": credential.disabled,
        "networks": {name: iso(seen) for name, seen in credential.networks.items()},
        "version": credential.version,
    }
    if credential.letters:
        item["letters"] = credential.letters
    # A sign-in asks that the attribute is missing, so an open credential has none.
    return {**item, "closed_at": iso(closed_at)} if closed_at else item


def _from_item(item: Item) -> Credential:
    ends, closed_at = item["initial_until"], item.get("closed_at")
    signed_in_at = item.get("signed_in_at")
    history = cast("list[Value]", item["history"])
    networks = cast("dict[str, Value]", item["networks"])
    return Credential(
        member_no=str(item["pk"]),
        member_id=str(item["member_id"]),
        password=_password(item["password"]),
        history=tuple(_password(entry) for entry in history),
        changed_on=date.fromisoformat(str(item["changed_on"])),
        must_change=bool(item["must_change"]),
        initial_until=parse_iso(str(ends)) if ends else None,
        disabled=bool(item["disabled"]),
        networks={name: parse_iso(str(seen)) for name, seen in networks.items()},
        version=cast("int", item["version"]),
        closed_at=parse_iso(str(closed_at)) if closed_at else None,
        signed_in_at=parse_iso(str(signed_in_at)) if signed_in_at else None,
        letters=str(item.get("letters") or ""),
    )


def _password(value: Value) -> StoredPassword:
    fields = cast("dict[str, Value]", value)
    return StoredPassword(
        bcrypt=str(fields["bcrypt"]),
        pepper=str(fields["pepper"]),
        cost=cast("int", fields["cost"]),
        set_at=parse_iso(str(fields["set_at"])),
    )
