"""Which of the office's roles each command needs: the one table of it.

template.yaml gives the roles their rights; tests hold both, and docs/office-roles.md, against this.
"""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """The office's roles, of which each is an IAM role of the stage."""

    VIEWER = "viewer"
    CLERK = "clerk"
    ACCOUNTANT = "accountant"
    ADMINISTRATOR = "administrator"

    def may(self, needed: "Role") -> bool:
        """Tell whether this role may do what *needed* may: everybody reads, one may do all."""
        return needed is Role.VIEWER or self in {needed, Role.ADMINISTRATOR}


JAPANESE: Mapping[Role, str] = {
    Role.VIEWER: "閲覧",
    Role.CLERK: "会員担当",
    Role.ACCOUNTANT: "会計担当",
    Role.ADMINISTRATOR: "管理者",
}

NEEDED: Mapping[str, Role] = {
    "members import": Role.CLERK,
    "members export": Role.CLERK,
    "members find": Role.VIEWER,
    "members show": Role.VIEWER,
    "members edit": Role.CLERK,
    "members unlock": Role.CLERK,
    "members end-sessions": Role.CLERK,
    "members end-sessions --all": Role.ADMINISTRATOR,
    "members withdraw": Role.CLERK,
    "members return": Role.CLERK,
    "members anonymise": Role.ADMINISTRATOR,
    "passwords issue": Role.CLERK,
    "passwords reissue": Role.CLERK,
    "passwords labels": Role.CLERK,
    "dues issue": Role.ACCOUNTANT,
    "dues remind": Role.ACCOUNTANT,
    "dues waive": Role.ACCOUNTANT,
    "dues cancel": Role.ACCOUNTANT,
    "dues release-method": Role.ACCOUNTANT,
    "dues bill-again": Role.ACCOUNTANT,
    "payments record": Role.ACCOUNTANT,
    "payments refund": Role.ACCOUNTANT,
    "payments accept": Role.ACCOUNTANT,
    "payments set-aside": Role.ACCOUNTANT,
    "payments show": Role.VIEWER,
    "payments replay": Role.ACCOUNTANT,
    "payments reconcile": Role.ACCOUNTANT,
    "discrepancies list": Role.VIEWER,
    "discrepancies show": Role.VIEWER,
    "discrepancies resolve": Role.ACCOUNTANT,
    "settlement match": Role.ACCOUNTANT,
    "receipts reissue": Role.VIEWER,
    "receipts reissue --name": Role.ACCOUNTANT,
    "mail log": Role.VIEWER,
    "mail bounces": Role.VIEWER,
    "mail resend": Role.CLERK,
    "mail clear": Role.CLERK,
    "report overview": Role.VIEWER,
    "report paid": Role.VIEWER,
    "report slips": Role.VIEWER,
    "report never-signed-in": Role.VIEWER,
    "report arrears": Role.VIEWER,
    "report bounces": Role.VIEWER,
    "audit find": Role.VIEWER,
    "mask": Role.ADMINISTRATOR,
}
"""By command, and by option where one needs more than its command."""


def named(command: str) -> str:
    """Return what to say of the role that a command needs, e.g. ``clerk（会員担当）``."""
    role = NEEDED[command]
    return f"{role}（{JAPANESE[role]}）"
