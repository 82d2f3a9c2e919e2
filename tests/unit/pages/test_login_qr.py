"""The QR code of the sign-in page, held against a library that is no part of the portal."""

import pytest
import segno

from functions.login import qr


@pytest.mark.parametrize(("version", "length"), [(1, 17), (2, 32), (3, 53), (4, 78), (5, 106)])
def test_a_full_code_is_the_librarys_bit_for_bit(version: int, length: int) -> None:
    """Full, because the library pads a shorter text with one octet more than ISO/IEC 18004."""
    text = ("https://jgets-member.net/" + "abcdefghij" * 10)[:length]
    made = segno.make_qr(
        text, error="l", mask=qr.MASK, boost_error=False, mode="byte", encoding="utf-8"
    )
    assert made.version == version
    assert qr.encode(text) == [[bool(module) for module in row] for row in made.matrix]


@pytest.mark.parametrize(
    "text",
    [
        "https://jgets-member.net/member/login",
        "http://jgets-member.localhost:4566/member/login",
        "a",
        "x" * 54,
    ],
)
def test_a_padded_code_differs_from_the_librarys_in_padding_and_correction_only(text: str) -> None:
    made = segno.make_qr(
        text, error="l", mask=qr.MASK, boost_error=False, mode="byte", encoding="utf-8"
    )
    ours, theirs = codewords(qr.encode(text)), codewords(made.matrix)
    start = len(text.encode()) + 2
    assert ours[:start] == theirs[:start]
    room = {21: 19, 25: 34, 29: 55, 33: 80, 37: 108}[len(made.matrix)]
    assert ours[start:room] == (b"\xec\x11" * room)[: room - start]


def codewords(matrix: object) -> bytes:
    """Read the codewords back, in the order and under the mask of the standard."""
    rows = [[bool(module) for module in row] for row in matrix]  # type: ignore[attr-defined]
    size = len(rows)
    bits = ""
    upwards = True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        for row in range(size - 1, -1, -1) if upwards else range(size):
            for column in (right, right - 1):
                if not is_fixed(row, column, size):
                    bits += str(int(rows[row][column] ^ ((row + column) % 3 == 0)))
        upwards = not upwards
    whole = len(bits) // 8
    return bytes(int(bits[8 * n : 8 * n + 8], 2) for n in range(whole))


def is_fixed(row: int, column: int, size: int) -> bool:
    """Tell whether a module belongs to a pattern (written apart from the code under test)."""
    finder = (
        (row < 9 and column < 9)
        or (row < 9 and column >= size - 8)
        or (row >= size - 8 and column < 9)
    )
    alignment = size > 21 and abs(row - (size - 7)) <= 2 and abs(column - (size - 7)) <= 2
    return finder or alignment or row == 6 or column == 6


def test_an_address_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        qr.encode("x" * (qr.LONGEST + 1))


def test_the_path_draws_the_dark_modules() -> None:
    """Follow the path's relative moves and compare what they cover."""
    text = "https://jgets-member.net/member/login"
    size, path = qr.svg_path(text)
    drawn = [[False] * size for _ in range(size)]
    for line in path.split("M")[1:]:
        start, *moves = line.replace("h", " h").replace("m", " m").split(" ")[1:]
        y, x = int(float(start)), 0
        for move in (one for one in moves if one != "0"):
            step = int(move[1:])
            if move[0] == "h":
                drawn[y][x : x + step] = [True] * step
            x += step
    assert drawn == qr.encode(text)
