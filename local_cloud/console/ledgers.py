"""The ledgers of company events, as far as a person wants to see them: tables that have an item `pk` = `runs`.

Of such a table these items are read:

| pk | sk | attributes |
| --- | --- | --- |
| `runs` | `<began>#<run>` | run |
| `run#<run>` | `run` | plan, key, status, reason, faults, dry_run, stopping, began, ended, values, outline |
| | | journey, lost, only_step |
| `run#<run>` | `step#<index>` | status, began, ended, until, counts, heard |
| `run#<run>` | `made#<kind>#<name>` | kind, id, step, audience, channel, starts, status, attempted, reached |
| `stamps#<run>#<index>`, the same with `#connect` | any | endpoints: a batch not stamped yet, JSON by endpoint id |

What recipients did is in a table of its own beside the ledger, if at all:

| pk | sk | attributes |
| --- | --- | --- |
| `<run>.<0 to f>` | an endpoint | did: a set of `<index of a step>.<kind>` |
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ministack.services import dynamodb

Item = Mapping[str, Mapping[str, Any]]
_Table = Mapping[str, Any]


@dataclass(frozen=True)
class Ledger:
    """One ledger.

    Parameters
    ----------
    arn, account, region
        The table, and where it is.
    table
        MiniStack's own record of it.
    interactions
        The same of the table of what recipients did, None without one.
    """

    arn: str
    account: str
    region: str
    table: _Table
    interactions: _Table | None

    def newest(self, most: int) -> list[Item]:
        """The newest runs, newest first."""
        # One that was refused and then announced again is listed twice.
        listed = dict.fromkeys(text(item, "run") for _, item in sorted(self._items("runs").items(), reverse=True))
        found = map(self.run, islice(listed, most))
        return [item for item in found if item]

    def run(self, run: str) -> Item | None:
        """One run."""
        return self._items(f"run#{run}").get("run")

    def parts(self, run: str, kind: str) -> list[Item]:
        """Steps of a run (`step`), or what it made (`made`)."""
        items = sorted(self._items(f"run#{run}").items())
        return [item for key, item in items if key.startswith(f"{kind}#")]

    def unstamped(self, run: str, index: int) -> int:
        """How many endpoints a step has still to stamp."""
        partitions = (f"stamps#{run}#{index:03}{end}" for end in ("", "#connect"))
        items = (item for partition in partitions for item in self._items(partition).values())
        return sum(len(_object(text(item, "endpoints"))) for item in items)

    def did(self, run: str) -> dict[int, dict[str, int]]:
        """How many endpoints did what with the messages of each step, by its index."""
        partitions = self.interactions["items"] if self.interactions else {}
        found: dict[int, Counter[str]] = {}
        for shard in "0123456789abcdef":
            for item in list(partitions.get(f"{run}.{shard}", {}).values()):
                for entry in item.get("did", {}).get("SS", []):
                    index, _, kind = entry.partition(".")
                    if index.isdecimal():
                        found.setdefault(int(index), Counter())[kind] += 1
        return {index: dict(counts) for index, counts in found.items()}

    def _items(self, key: str) -> dict[str, Item]:
        """Items by sort key; a copy, because functions write while this is read."""
        return dict(self.table["items"].get(key, {}))


def ledgers() -> Iterator[Ledger]:
    """Every ledger of every account."""
    for (account, region, _), table in sorted(dynamodb._tables.all_items(), key=lambda item: item[0]):
        if table["pk_name"] == "pk" and table["sk_name"] == "sk" and "runs" in table["items"]:
            beside = dynamodb._tables.get_scoped(account, region, f"{table['TableName']}-interactions")
            yield Ledger(table["TableArn"], account, region, table, beside)


def text(item: Item, name: str) -> str:
    """A text, empty without one."""
    return str(item.get(name, {}).get("S", ""))


def number(item: Item, name: str) -> int:
    """A whole number, 0 without one."""
    return int(item.get(name, {}).get("N", 0))


def flag(item: Item, name: str) -> bool:
    """A boolean, False without one."""
    return bool(item.get(name, {}).get("BOOL"))


def texts(item: Item, name: str) -> list[str]:
    """The texts of a list."""
    return [str(element["S"]) for element in item.get(name, {}).get("L", []) if "S" in element]


def pairs(item: Item, name: str) -> dict[str, str]:
    """A map of texts or numbers, as texts."""
    return {key: str(next(iter(value.values()))) for key, value in item.get(name, {}).get("M", {}).items()}


def _object(written: str) -> dict[str, Any]:
    document = json.loads(written or "{}")
    return document if isinstance(document, dict) else {}
