import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore import loaders, session

from layers.build import botocore_data, functions
from layers.build.__main__ import snake
from layers.build.packages import compile_bytecode, settle_modes, strip
from tests.unit.template.loading import ROOT

DATA = Path(botocore.__file__).parent / "data"
REGIONS = ["ap-northeast-1", "us-east-1"]
NEEDED = sorted(botocore_data.SERVICES)

MakeClient = Callable[[str, str], Any]


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for name in (*botocore_data.SERVICES, "ec2"):
        shutil.copytree(DATA / name, folder / name)
    for file in DATA.glob("*.json"):
        shutil.copy(file, folder)
    botocore_data.trim(folder)
    return folder


def clients(data: Path) -> MakeClient:
    """Return a maker of clients that know only *data*."""
    made = session.Session()
    loader = loaders.Loader(include_default_search_paths=False)
    loader.search_paths.append(str(data))
    made.register_component("data_loader", loader)

    def client(service: str, region: str) -> Any:
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        return made.create_client(service, region_name=region, **keys)

    return client


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("service", NEEDED)
def test_trimmed_data_lead_to_the_same_address_and_signature(
    service: str, region: str, trimmed: Path
) -> None:
    whole, cut = clients(DATA)(service, region), clients(trimmed)(service, region)
    assert cut.meta.endpoint_url == whole.meta.endpoint_url
    assert cut.meta.config.signature_version == whole.meta.config.signature_version
    assert cut.meta.service_model.metadata == whole.meta.service_model.metadata
    assert cut.meta.service_model.operation_names == whole.meta.service_model.operation_names


def test_trimmed_data_hold_only_what_is_called(trimmed: Path) -> None:
    assert {path.name for path in trimmed.iterdir() if path.is_dir()} == set(NEEDED)
    assert not list(trimmed.rglob("*.gz"))
    assert sum(path.stat().st_size for path in trimmed.rglob("*.json")) < 1_500_000


def test_a_shape_called_documentation_is_no_documentation() -> None:
    value = {"members": {"documentation": {"shape": "Text", "documentation": "Long words."}}}
    assert botocore_data.undocumented(value) == {"members": {"documentation": {"shape": "Text"}}}


def test_a_service_that_botocore_no_longer_has_fails_the_build(tmp_path: Path) -> None:
    for name in botocore_data.SHARED:
        (tmp_path / name).write_text("{}")
    with pytest.raises(FileNotFoundError, match="no longer has"):
        botocore_data.trim(tmp_path)


@pytest.mark.parametrize(
    ("logical", "folder"), [("Login", "login"), ("GmoWebhook", "gmo_webhook"), ("Common", "common")]
)
def test_a_logical_id_names_its_folder(logical: str, folder: str) -> None:
    assert snake(logical) == folder


def test_a_function_is_built_with_bytecode_that_ignores_dates(tmp_path: Path) -> None:
    functions.build("gmo_webhook", tmp_path)
    (bytecode,) = (tmp_path / "functions/gmo_webhook").glob("__pycache__/app.*.pyc")
    flags = int.from_bytes(bytecode.read_bytes()[4:8], "little")
    assert flags == 0b01, "hash-based and unchecked"


def test_a_function_is_built_alike_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        functions.build("login", tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_the_portal_is_compiled_alike_each_time(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("one", "two"):
        shutil.copytree(ROOT / "layers/common/portal", tmp_path / name, ignore=ignored)
        compile_bytecode(tmp_path / name)
        settle_modes(tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_function_without_a_handler_is_not_built(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="functions/nothing"):
        functions.build("nothing", tmp_path)


def test_only_what_runs_stays_in_a_layer(tmp_path: Path) -> None:
    kept = tmp_path / "package/core.py"
    for path in ("bin/tool", "package/tests/test_x.py", "package-1.0.dist-info/RECORD"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).touch()
    kept.touch()
    strip(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]
