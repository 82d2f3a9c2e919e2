"""The address of the sign-in page as a QR code, drawn once per process (ISO/IEC 18004).

Only what such an address needs: bytes, error correction L, versions 1 to 5, which have a single
block. A full library costs more at a cold start than the whole page; the tests hold these modules
against one, bit for bit.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

# Data and error correction codewords of versions 1 to 5 at level L.
_CODEWORDS = {1: (19, 7), 2: (34, 10), 3: (55, 15), 4: (80, 20), 5: (108, 26)}
# Every mask is valid for every reader; this one leaves the fewest misleading patterns in ours.
MASK = 3
LONGEST = _CODEWORDS[5][0] - 2

type Modules = list[list[bool]]


@lru_cache(maxsize=1)  # There is one address, and drawing takes longer than all else on the page.
def svg_path(text: str) -> tuple[int, str]:
    """Return the width in modules, without quiet zone, and an SVG path to stroke one module wide.

    Raises ValueError when *text* is longer than LONGEST bytes.
    """
    modules = encode(text)
    return len(modules), "".join(_runs(modules))


def encode(text: str) -> Modules:
    """Return the rows of the code of *text*, True for dark. Raises ValueError when too long."""
    data = text.encode()
    version = next((v for v, (room, _) in _CODEWORDS.items() if len(data) <= room - 2), None)
    if version is None:
        raise ValueError("too long for a QR code of version 5")
    size = 17 + 4 * version
    fixed = _fixed(size)
    grid = [[fixed.get((row, column), False) for column in range(size)] for row in range(size)]
    bits = _bits(_with_correction(_padded(data, version), _CODEWORDS[version][1]))
    for row, column in _path(size):
        if (row, column) not in fixed:
            # Seven bits remain after the last codeword of versions 2 to 5; they are light.
            grid[row][column] = next(bits, False) != _masked(row, column)
    return grid


def _runs(modules: Modules) -> Iterator[str]:
    for y, row in enumerate(modules):
        yield f"M0 {y}.5"
        for dark, run in groupby(row):
            yield f"{'h' if dark else 'm'}{len(list(run))}{'' if dark else ' 0'}"


def _masked(row: int, column: int) -> bool:
    return (row + column) % 3 == 0


# Codewords ----------------------------------------------------------------------------------------


def _padded(data: bytes, version: int) -> bytes:
    """Return mode 4 (bytes), the length, the data and the padding, four bits off the octets."""
    room = _CODEWORDS[version][0]
    shifted = (4 << 8 | len(data)) << (8 * len(data)) | int.from_bytes(data)
    octets = (shifted << 4).to_bytes(len(data) + 2)
    return octets + (b"\xec\x11" * room)[: room - len(octets)]


def _with_correction(data: bytes, count: int) -> bytes:
    """Return *data* with its Reed-Solomon remainder over GF(256)."""
    generator = [1]
    root = 1
    for _ in range(count):
        shifted = [*generator, 0]
        for place, factor in enumerate(generator):
            shifted[place + 1] ^= _times(factor, root)
        generator = shifted
        root = _times(root, 2)
    remainder = list(data) + [0] * count
    for place in range(len(data)):
        lead = remainder[place]
        for offset, factor in enumerate(generator):
            remainder[place + offset] ^= _times(lead, factor)
    return data + bytes(remainder[len(data) :])


def _times(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0x100:
            a ^= 0x11D
        b >>= 1
    return product


def _bits(codewords: bytes) -> Iterator[bool]:
    for codeword in codewords:
        for place in range(7, -1, -1):
            yield bool(codeword >> place & 1)


# Places -------------------------------------------------------------------------------------------


def _fixed(size: int) -> dict[tuple[int, int], bool]:
    """Return the modules that do not depend on the text."""
    places: dict[tuple[int, int], bool] = {}
    for line in range(8, size - 8):
        places[6, line] = places[line, 6] = line % 2 == 0
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        _rings(places, size, (top + 3, left + 3), 4)
    if size > 21:
        _rings(places, size, (size - 7, size - 7), 2)
    _format(places, size)
    return places


def _rings(
    places: dict[tuple[int, int], bool], size: int, middle: tuple[int, int], reach: int
) -> None:
    # A finder reaches 4 with its light border, an alignment pattern 2; light rings are 2 and 4
    # of a finder, and 1 of an alignment pattern.
    light = (2, 4) if reach == 4 else (1,)
    for row in range(middle[0] - reach, middle[0] + reach + 1):
        for column in range(middle[1] - reach, middle[1] + reach + 1):
            if 0 <= row < size and 0 <= column < size:
                ring = max(abs(row - middle[0]), abs(column - middle[1]))
                places[row, column] = ring not in light


def _format(places: dict[tuple[int, int], bool], size: int) -> None:
    bits = _format_bits()
    around = [*range(6), 7, 8]
    for place in range(8):
        low, high = bool(bits >> place & 1), bool(bits >> (14 - place) & 1)
        places[around[place], 8] = low
        places[8, size - 1 - place] = low
        places[8, around[place]] = high
        places[size - 1 - place, 8] = high
    places[8, 8] = bool(bits >> 7 & 1)
    places[size - 8, 8] = True


def _format_bits() -> int:
    level_l = 1
    data = level_l << 3 | MASK
    remainder = data << 10
    for place in range(14, 9, -1):
        if remainder >> place & 1:
            remainder ^= 0x537 << (place - 10)
    return (data << 10 | remainder) ^ 0x5412


def _path(size: int) -> Iterator[tuple[int, int]]:
    """Yield the places in the order of the bits: pairs of columns from the right, up and down."""
    upwards = True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        rows = range(size - 1, -1, -1) if upwards else range(size)
        for row in rows:
            yield row, right
            yield row, right - 1
        upwards = not upwards
