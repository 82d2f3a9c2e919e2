"""From a postcode to its addresses, offline, out of a file made at build (layers/build).

The tables are Japan Post's 郵便番号データ, which may be used freely.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Area:
    """One address that a postcode stands for; *town* is empty where the code says no more."""

    prefecture: str
    city: str
    town: str

    @property
    def text(self) -> str:
        """The address in one line."""
        return self.prefecture + self.city + self.town


@dataclass(frozen=True)
class Postcodes:
    """Looks addresses up in *file*."""

    file: Path

    def areas(self, code: str) -> tuple[Area, ...]:
        """Return the addresses of a code of seven digits, none for one that is not in use.

        Raises sqlite3.OperationalError when the file is missing.
        """
        # Loaded here because only the press of one button needs it.
        import sqlite3
        from contextlib import closing

        # Immutable: the file is part of the deployment, so no lock has to be looked for.
        address = f"{self.file.as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as database:
            found = database.execute(
                "SELECT prefecture, city.city, town FROM area JOIN city ON city.id = area.city"
                " WHERE code = ? ORDER BY seq",
                (int(code),),
            )
            return tuple(Area(*one) for one in found)
