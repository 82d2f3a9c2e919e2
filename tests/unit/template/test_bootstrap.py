from pathlib import Path

import pytest

from local import bootstrap


@pytest.mark.parametrize(
    "name",
    ["AWS_PROFILE", "AWS_ENDPOINT_URL", "HTTPS_PROXY", "https_proxy", "no_proxy", "PYTHONPATH"],
)
def test_what_leads_astray_is_removed(name: str) -> None:
    assert name not in bootstrap.cleaned({name: "x"})


@pytest.mark.parametrize("name", ["PIP_CERT", "PIP_INDEX_URL", "PATH", "HOME", "SSL_CERT_FILE"])
def test_what_the_machine_needs_is_kept(name: str) -> None:
    assert bootstrap.cleaned({name: "x"})[name] == "x"


def test_an_environment_of_the_present_lock_file_is_left_alone(tmp_path: Path) -> None:
    """Nothing is started: the lock file names a package that does not exist."""
    lock = tmp_path / "lock.txt"
    lock.write_text("no-such-package==1 --hash=sha256:00\n")
    made = bootstrap.Environment("x", tmp_path / "venv", lock)
    made.folder.mkdir()
    made.stamp.write_text(bootstrap.fingerprint(made))
    bootstrap.make_environment(made)
    assert list(made.folder.iterdir()) == [made.stamp]


def test_a_changed_lock_file_makes_the_environment_anew(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("one==1\n")
    made = bootstrap.Environment("x", tmp_path / "venv", lock)
    before = bootstrap.fingerprint(made)
    lock.write_text("one==2\n")
    assert bootstrap.fingerprint(made) != before


def test_an_unknown_step_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["nonsense"]) == 1
    assert "nonsense" in capsys.readouterr().err
