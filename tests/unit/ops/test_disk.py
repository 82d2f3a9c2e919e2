"""What the disk refuses is told in Japanese."""

import errno

import pytest

from ops.disk import fault


@pytest.mark.parametrize(
    "number", [errno.ENOENT, errno.EISDIR, errno.EACCES, errno.ENOSPC, errno.EROFS]
)
def test_what_happens_in_an_office_has_japanese_words(number: int) -> None:
    assert not fault(OSError(number, "English")).isascii()


def test_what_is_rare_keeps_the_words_of_the_system() -> None:
    assert fault(OSError(errno.EIO, "Input/output error")) == "Input/output error"


def test_a_fault_without_a_number_is_told_all_the_same() -> None:
    assert fault(OSError()) == "理由は分かりません"
