"""Ports and the data folder of ``make run``."""

from pathlib import Path

import pytest

from local.settings import ROOT, BadSetting, Settings, free_ports, in_use


def test_the_ports_are_the_documented_ones_unless_told_otherwise() -> None:
    settings = Settings.from_env({})

    assert (settings.port, settings.gmo_port, settings.mail_port) == (4566, 4580, 4581)
    assert settings.data_dir == ROOT / ".local"


def test_ports_and_folder_come_from_the_environment() -> None:
    settings = Settings.from_env({"PORT": "5000", "GMO_PORT": "5001", "DATA_DIR": "/var/demo"})

    assert settings.portal == "http://jgets-member.localhost:5000"
    assert settings.connect == "127.0.0.1:5000"
    assert settings.gmo == "http://127.0.0.1:5001"
    assert settings.mailbox == "http://127.0.0.1:5002"
    assert settings.demo_file == Path("/var/demo/demo.json")


@pytest.mark.parametrize("text", ["http", "-1", "0", "65536", "４５６６", "4566 "])
def test_what_is_not_a_port_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadSetting, match="GMO_PORT"):
        Settings.from_env({"GMO_PORT": text})


def test_an_empty_variable_means_the_default() -> None:
    assert Settings.from_env({"PORT": ""}).port == 4566


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(3)

    assert len(set(ports)) == 3
    assert not any(in_use(port) for port in ports)


def test_two_parts_on_one_port_are_refused() -> None:
    with pytest.raises(BadSetting, match="differ"):
        Settings.from_env({"PORT": "5001", "GMO_PORT": "5000"})


def test_a_stack_may_begin_without_the_demos_members() -> None:
    assert Settings.from_env({}).demo
    assert not Settings.from_env({"DEMO": "none"}).demo


def test_a_misspelt_wish_about_the_demo_is_refused_by_name() -> None:
    with pytest.raises(BadSetting, match="DEMO"):
        Settings.from_env({"DEMO": "no"})
