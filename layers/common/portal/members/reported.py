"""What reports read of a member's row: who it is, where the member stands, whether mail arrives."""

ATTRIBUTES = (
    "pk",
    "member_no",
    "version",
    "family_name",
    "given_name",
    "display_family_name",
    "display_given_name",
    "email",
    "mail_fails",
    "mail_fails_at",
    "mail_fails_to",
    "mail_fails_why",
    "kind",
    "membership",
    "membership_since",
    "dues_exempt",
    "anonymised_at",
)
"""The rest of the record is empty when store.parse reads a row of these."""
