"""What the disk refuses, in the office's words."""

import errno
from collections.abc import Mapping

_WORDS: Mapping[int, str] = {
    errno.ENOENT: "ファイルかフォルダがありません",
    errno.EISDIR: "ファイルではなくフォルダです",
    errno.ENOTDIR: "フォルダの名前がファイルのものです",
    errno.EEXIST: "同じ名前のものがすでにあります",
    errno.EACCES: "この端末での権限がありません",
    errno.EPERM: "この端末での権限がありません",
    errno.EROFS: "書き込めない場所です",
    errno.ENOSPC: "ディスクがいっぱいです",
    errno.EDQUOT: "ディスクがいっぱいです",
    errno.ENAMETOOLONG: "名前が長すぎます",
    errno.EINVAL: "使えない名前です",
}


def fault(error: OSError) -> str:
    """Return why a file cannot be read or written; what is rare, in the system's own words."""
    return _WORDS.get(error.errno or 0, error.strerror or "理由は分かりません")
