"""Cuts botocore's data to the services the portal calls.

botocore ships 28 MB of service descriptions; four of them are used. They are stored unpacked and
without their documentation texts, which is what a cold start has to read before its first call.
"""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

SERVICES = frozenset({"dynamodb", "secretsmanager", "sesv2", "sts"})
"""Folders of botocore/data that stay."""

SHARED = frozenset({"_retry.json", "endpoints.json", "partitions.json"})
SHARED_OPTIONAL = frozenset({"sdk-default-configuration.json"})
# A client is made from these two; paginators, waiters and examples are read only when asked for.
MODELS = frozenset({"service-2", "endpoint-rule-set-1"})
# The names under which endpoints.json lists the services above.
ENDPOINTS = frozenset({"dynamodb", "secretsmanager", "email", "sts", "streams.dynamodb"})
PARTITION = "aws"


def trim(data: Path) -> None:
    """Rewrite the folder botocore/data in place. Raises FileNotFoundError if a service is gone."""
    for path in sorted(data.iterdir()):
        if path.is_dir() and path.name not in SERVICES:
            shutil.rmtree(path)
        elif path.is_file() and path.name not in SHARED | SHARED_OPTIONAL:
            path.unlink()
    for name in SHARED:
        _require(data / name)
    for name in SERVICES:
        _trim_service(_require(data / name))
    _write(data / "endpoints.json", _endpoints(_read(data / "endpoints.json")))
    _write(data / "partitions.json", _partitions(_read(data / "partitions.json")))


def _trim_service(folder: Path) -> None:
    for path in sorted(folder.rglob("*.json*")):
        model = path.name.removesuffix(".gz").removesuffix(".json")
        if model in MODELS:
            _write(path.with_name(f"{model}.json"), undocumented(_read(path)))
        if model not in MODELS or path.suffix == ".gz":
            path.unlink()


def undocumented(value: Any) -> Any:
    """Return *value* without its documentation texts (a shape of that name is no text)."""
    if isinstance(value, list):
        return [undocumented(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: undocumented(one)
        for name, one in value.items()
        if not (name == "documentation" and isinstance(one, str))
    }


def _endpoints(endpoints: dict[str, Any]) -> dict[str, Any]:
    partition = next(one for one in endpoints["partitions"] if one["partition"] == PARTITION)
    services = {name: one for name, one in partition["services"].items() if name in ENDPOINTS}
    return {**endpoints, "partitions": [{**partition, "services": services}]}


def _partitions(partitions: dict[str, Any]) -> dict[str, Any]:
    kept = [one for one in partitions["partitions"] if one["id"] == PARTITION]
    return {**partitions, "partitions": kept}


def _require(path: Path) -> Path:
    if not path.exists():
        raise FileNotFoundError(f"botocore's data no longer has {path.name}")
    return path


def _read(path: Path) -> Any:
    content = path.read_bytes()
    return json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, separators=(",", ":")), encoding="utf-8")
