from __future__ import annotations

import zipfile
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from tools import package, publish


def wheel(folder: Path, name: str, *members: str) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w") as target:
        for member in members:
            target.writestr(member, "content")
    return path


def test_the_same_files_give_the_same_bytes_in_any_order() -> None:
    files = {"b.py": b"2", "a.py": b"1"}

    assert package.archive(files) == package.archive(dict(reversed(files.items())))


def test_the_function_zip_holds_our_source_and_nothing_else() -> None:
    files = package.function_files()

    assert "engagement/handlers/pixel.py" in files
    assert "engagement/domain/plans/plan.schema.json" in files
    assert all(name.startswith("engagement/") and name.endswith((".py", ".schema.json")) for name in files)


def test_native_code_never_gets_into_the_layer(tmp_path: Path) -> None:
    with pytest.raises(package.PackageError, match=r"fast.so is native"):
        package.layer_files([wheel(tmp_path, "x-1.whl", "x/__init__.py", "x/fast.so")])


def test_a_wheels_contents_lie_where_the_runtime_looks(tmp_path: Path) -> None:
    files = package.layer_files([wheel(tmp_path, "x-1.whl", "x/__init__.py")])

    assert files.keys() == {"python/x/__init__.py"}


def test_a_stale_package_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(package, "DIST", tmp_path)
    (tmp_path / package.FUNCTION).write_bytes(b"old")
    (tmp_path / package.LAYER).write_bytes(b"layer")

    with pytest.raises(package.PackageError, match=rf"{package.FUNCTION}\): run make package"):
        package.check({package.FUNCTION: b"new", package.LAYER: b"layer"})


def test_an_empty_dist_is_written_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(package, "DIST", tmp_path / "dist")

    package.write({package.FUNCTION: b"function", package.LAYER: b"layer"})

    package.check({package.FUNCTION: b"function", package.LAYER: b"layer"})


def test_publishing_uploads_once_and_prints_what_the_modules_take(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    for name in publish.PACKAGES.values():
        (tmp_path / name).write_bytes(name.encode())
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="artifacts")

        first = publish.publish(client, "artifacts", "engagement/", tmp_path)
        before = client.list_objects_v2(Bucket="artifacts")["Contents"]
        second = publish.publish(client, "artifacts", "engagement", tmp_path)
        after = client.list_objects_v2(Bucket="artifacts")["Contents"]

    assert first == second
    assert {item["Key"] for item in before} == {first["function_key"], first["layer_key"]}
    assert before == after
    assert first["function_key"].startswith("engagement/engagement-function-")
