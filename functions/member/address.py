"""住所を検索: what a postcode's addresses make of the texts on the page. Nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.members.postcodes import Area

FILLED = "住所を入れました。続きの番地などを入力してください。まだ保存されていません。"
AGREES = "入力されている住所は、この郵便番号の住所と合っています。"
UNKNOWN = (
    "この郵便番号の住所は見つかりませんでした。番号をご確認いただくか、住所を直接入力してください。"
)
CHOOSE = "この郵便番号には、次の住所があります。お選びください。"
DIFFERS = "入力されている住所と、この郵便番号の住所が異なります。"


@dataclass(frozen=True)
class Search:
    """The texts of the page after a search, what it says beside the code, and what to choose of."""

    values: Mapping[str, str]
    note: str
    choice: Sequence[Area] = ()

    @property
    def kind(self) -> str:
        """How the page shows the note: green only where nothing is left to decide."""
        return "good" if self.note in (FILLED, AGREES) else "warn"


def searched(values: Mapping[str, str], areas: Sequence[Area]) -> Search:
    """Fill in the address where nothing else was typed; offer it where something was.

    Several addresses are a choice, unless what was typed is already one of them.
    """
    if not areas:
        return Search(values, UNKNOWN)
    if any(_is_there(values, area) for area in areas):
        return Search(values, AGREES)
    if len(areas) > 1:
        return Search(values, CHOOSE, areas)
    if not _fits(values, areas[0]):
        return Search(values, DIFFERS, areas)
    return chosen(values, areas[0])


def chosen(values: Mapping[str, str], area: Area) -> Search:
    """Put in the address that the member chose; a street that begins with its town stays."""
    street = values["street"]
    address = {
        "prefecture": area.prefecture,
        "city": area.city,
        "street": street if street.startswith(area.town) else area.town,
    }
    return Search({**values, **address}, FILLED)


def _is_there(values: Mapping[str, str], area: Area) -> bool:
    """Tell whether the page holds this address already, with at least its street begun."""
    typed = (values["prefecture"], values["city"])
    street = values["street"]
    return typed == (area.prefecture, area.city) and bool(street) and street.startswith(area.town)


def _fits(values: Mapping[str, str], area: Area) -> bool:
    """Tell whether nothing that was typed would be lost."""
    street = values["street"]
    return (
        values["prefecture"] in ("", area.prefecture)
        and values["city"] in ("", area.city)
        and (not street or street.startswith(area.town))
    )
