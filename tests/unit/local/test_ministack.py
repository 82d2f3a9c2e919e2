"""MiniStack's start line and what a restart needs."""

import json
from pathlib import Path

from local.ministack import forget_stream_positions, start_line
from local.settings import Settings


def test_the_stack_listens_on_this_machine_only_and_enforces_iam(tmp_path: Path) -> None:
    settings = Settings(5000, 5001, 5002, tmp_path)

    env = start_line(settings, tmp_path / "state", tmp_path / "work", {"AWS_PROFILE": "real"})

    assert env["BIND_HOST"] == "127.0.0.1"
    assert env["AUTH"] == "true"
    assert env["GATEWAY_PORT"] == "5000"
    assert "AWS_PROFILE" not in env


def test_stream_positions_are_set_back_and_the_rest_is_kept(tmp_path: Path) -> None:
    """MiniStack forgets the records at a stop but not how many it had passed on."""
    file = tmp_path / "lambda.json"
    functions = {"__account_region_scoped__": True, "data": {"login": 1}}
    positions = {"__account_region_scoped__": True, "data": {"a": 12}}
    payload = {"functions": functions, "dynamodb_stream_positions": positions}
    file.write_text(json.dumps({"__ministack_format__": 2, "payload": payload}))

    forget_stream_positions(file)

    saved = json.loads(file.read_text())
    assert saved["payload"]["dynamodb_stream_positions"]["data"] == {}
    assert saved["payload"]["functions"] == functions


def test_a_first_start_has_no_positions_to_set_back(tmp_path: Path) -> None:
    forget_stream_positions(tmp_path / "lambda.json")

    assert not (tmp_path / "lambda.json").exists()
