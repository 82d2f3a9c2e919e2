"""To whom a letter goes: postcode, lines of the address, and the name, as they are printed."""

from dataclasses import dataclass

from portal.members.model import Member

HONORIFIC = "様"


@dataclass(frozen=True)
class Address:
    """What stands in the window or on a label. *postal_code* has digits only."""

    postal_code: str
    lines: tuple[str, ...]
    name: str

    @property
    def complete(self) -> bool:
        """Whether the post could deliver to it."""
        return bool(self.postal_code and self.lines and self.name)

    def content(self) -> dict[str, str | list[str]]:
        """Return what a template is given."""
        code = self.postal_code
        return {
            "postal_code": f"〒{code[:3]}-{code[3:]}",
            "lines": list(self.lines),
            "name": f"{self.name}　{HONORIFIC}",
        }


def address_of(member: Member) -> Address:
    """Return the address of a member; the name in its true form where there is one."""
    record = member.record
    place = f"{record.prefecture}{record.city}{record.street}"
    lines = tuple(line for line in (place, record.building) if line)
    return Address(record.postal_code, lines, record.shown_name.strip())


def without_mail(member: Member) -> bool:
    """Tell whether nothing that is mailed reaches the member: no address, or one that fails."""
    return not member.record.email or member.mail_fails
