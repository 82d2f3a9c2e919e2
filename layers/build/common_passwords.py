"""Makes ``portal/accounts/common_passwords.txt`` of the list that Django ships.

Django is in the development environment for this file alone and never in a layer. Kept is what a
member could choose: 8 to 20 characters of the manual's alphabet with a letter (one of them will be
a capital) and a digit. The list is in lower case, as it is compared.

    python -m layers.build.common_passwords
"""

import gzip
import re
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "layers/common/portal/accounts/common_passwords.txt"
SOURCE = "contrib/auth/common-passwords.txt.gz"
HEADER = (
    "# Common passwords that fit the policy, in lower case, made by layers/build of",
    "# Django's list (BSD-3-Clause, see NOTICE); do not edit by hand.",
)
_FITS = re.compile(r'(?=.*[a-z])(?=.*[0-9])[a-z0-9!"#$%]{8,20}')


def made() -> str:
    """Return the file's text. Raises ModuleNotFoundError without Django."""
    words = gzip.decompress(_source().read_bytes()).decode("utf-8").splitlines()
    fitting = {word.strip().lower() for word in words}
    kept = sorted(word for word in fitting if _FITS.fullmatch(word))
    return "\n".join((*HEADER, *kept, ""))


def _source() -> Path:
    found = find_spec("django")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("Django is not in this environment")
    return Path(found.origin).parent / SOURCE


if __name__ == "__main__":
    TARGET.write_text(made(), encoding="utf-8")
