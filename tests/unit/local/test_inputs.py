"""When a build or a deploy may be left out."""

from pathlib import Path

from local.inputs import Stamp, digest


def test_the_digest_changes_with_content_name_and_extra(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("one")
    first = digest([tmp_path])

    assert digest([tmp_path]) == first
    assert digest([tmp_path], extra="PORT=5000") != first
    file.write_text("two")
    assert digest([tmp_path]) != first
    file.write_text("one")
    file.rename(tmp_path / "other.py")
    assert digest([tmp_path]) != first


def test_compiled_files_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("one")
    first = digest([tmp_path])
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "app.pyc").write_bytes(b"x")

    assert digest([tmp_path]) == first


def test_a_stamp_matches_what_it_was_set_to_until_it_is_cleared(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "stamp.json")

    assert not stamp.matches("a")
    stamp.set("a")
    assert stamp.matches("a")
    assert not stamp.matches("b")
    stamp.clear()
    assert not stamp.matches("a")
