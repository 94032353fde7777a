"""Files that cannot be converted: what is said, and that nothing is written."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.functional.migration.command import run

GOOD = json.dumps({"Id": "e1", "ChannelType": "EMAIL", "Address": "a@example.com"})


def text(path: str, content: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")

    return spoil


def cut_off(folder: Path) -> None:
    content = gzip.compress(GOOD.encode() * 100)
    (folder / "endpoints" / "bad.json.gz").write_bytes(content[: len(content) // 2])


def latin(folder: Path) -> None:
    (folder / "endpoints" / "bad.csv").write_bytes("Id,Address\n1,süß".encode("latin-1"))


FAULTS = {
    "endpoints/bad.json:2: not JSON. Copy": text("endpoints/bad.json", f'{GOOD}\n{{"Id":'),
    "endpoints/bad.json:1: not a JSON object.": text("endpoints/bad.json", "[1]"),
    "endpoints/bad.json:3: Id is missing.": text("endpoints/bad.json", f"{GOOD}\n\n{{}}"),
    "endpoints/bad.json:1: User.UserAttributes.plan must be a list of texts.": text(
        "endpoints/bad.json", '{"Id": "1", "User": {"UserAttributes": {"plan": "gold"}}}'
    ),
    "endpoints/bad.json:1: Metrics.m must be a number.": text(
        "endpoints/bad.json", '{"Id": "1", "Metrics": {"m": NaN}}'
    ),
    "endpoints/bad.json:1: half of a character": text("endpoints/bad.json", '{"Id": "\\ud83d"}'),
    "endpoints/bad.csv:3: 1 values for 2 columns.": text("endpoints/bad.csv", "Id,Address\n1,2\n3\n"),
    "endpoints/bad.csv:2: not CSV.": text("endpoints/bad.csv", 'Id\n"1"2\n'),
    "endpoints/bad.csv:2: Metrics.m must be a number.": text("endpoints/bad.csv", "Id,Metrics.m\n1,many\n"),
    "endpoints/bad.csv: not UTF-8.": latin,
    "endpoints/bad.json.gz: cannot be read, or is cut off.": cut_off,
    "endpoints/bad.xlsx: not a file of endpoints": text("endpoints/bad.xlsx", ""),
    "endpoints/unknown: the folder is named by no segment": text("endpoints/unknown/a.json", GOOD),
    "segments/bad.json:2: not JSON.": text("segments/bad.json", "{\n,}"),
    "segments/bad.json: not one of Pinpoint's segments: SegmentType must be there": text(
        "segments/bad.json", '{"Id": "x"}'
    ),
    "segments/bad.json: one page of several.": text(
        "segments/bad.json", '{"SegmentsResponse": {"Item": [], "NextToken": "x"}}'
    ),
    "the same segment is in segments/": text("segments/bad.json", '{"Id": "s-gold", "SegmentType": "IMPORT"}'),
    "templates/bad.json: the list of templates holds no texts.": text(
        "templates/bad.json", '{"TemplatesResponse": {"Item": [{"TemplateName": "a", "TemplateType": "EMAIL"}]}}'
    ),
    "journeys/bad.txt: not a .json file.": text("journeys/bad.txt", "{}"),
    "journeys/bad.json: not a JSON object.": text("journeys/bad.json", "[1]"),
    "campaigns: only the folders": text("campaigns/a.json", "{}"),
}


@pytest.mark.parametrize("said", FAULTS)
def test_a_bad_file_is_named_and_nothing_is_written(saved: Path, tmp_path: Path, said: str) -> None:
    FAULTS[said](saved)

    result = run(saved, tmp_path / "converted")

    assert result.code == 2
    assert said in result.said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["saved"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run(tmp_path / "missing", tmp_path / "converted")

    assert result.code == 2
    assert "missing: no such folder." in result.said


def test_a_folder_that_exists_is_left_alone(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "converted").mkdir()

    result = run(saved, tmp_path / "converted")

    assert (result.code, list((tmp_path / "converted").iterdir())) == (2, [])
    assert "exists" in result.said


def test_what_is_written_halfway_is_removed(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tools.migration.writing._upload_job", full)

    result = run(saved, tmp_path / "converted")

    assert result.code == 2
    assert "No space left" in result.said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["saved"]


def test_a_csv_is_read_as_the_same_lines_of_json_are(tmp_path: Path) -> None:
    header = "Id,ChannelType,Address,User.UserId,User.UserAttributes.plan,Attributes.likes,Attributes.likes,Metrics.m"
    header += ",Location.Country"
    text("endpoints/all.csv", f'{header}\ne1,EMAIL,a@example.com,u1,"go,ld",cars,boats,2,DE\n')(tmp_path / "rows")
    document = {
        "Id": "e1",
        "ChannelType": "EMAIL",
        "Address": "a@example.com",
        "User": {"UserId": "u1", "UserAttributes": {"plan": ["go,ld"]}},
        "Attributes": {"likes": ["cars", "boats"]},
        "Metrics": {"m": 2.0},
        "Location": {"Country": "DE"},
    }
    text("endpoints/all.json", json.dumps(document))(tmp_path / "lines")

    rows, lines = (run(tmp_path / name, tmp_path / f"{name}-converted") for name in ("rows", "lines"))

    assert rows.profiles() == lines.profiles()
    assert rows.profiles()[0]["Attributes"]["likes_1"] == "boats"
