"""Items of the tables as plain values: texts, numbers, booleans, sets of texts, lists and maps of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RUN = "run"
"""Sort key of a run's own item."""


def run_key(run: str, sk: str) -> dict[str, str]:
    """Key of an item of a run."""
    return {"pk": f"run#{run}", "sk": sk}


def read_item(dynamodb: DynamoDBClient, table: str, key: Mapping[str, str]) -> dict[str, Any] | None:
    """An item as it is now; None if there is none."""
    answer = dynamodb.get_item(TableName=table, Key=to_item(key), ConsistentRead=True)
    return from_item(answer["Item"]) if "Item" in answer else None


def read_partition(dynamodb: DynamoDBClient, table: str, pk: str, prefix: str = "") -> Iterator[dict[str, Any]]:
    """The items of a partition as they are now, sorted by `sk`; with `prefix` those whose `sk` begins with it."""
    beginning = " AND begins_with(sk, :prefix)" if prefix else ""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        ConsistentRead=True,
        KeyConditionExpression=f"pk = :pk{beginning}",
        ExpressionAttributeValues=to_item({":pk": pk, **({":prefix": prefix} if prefix else {})}),
    )
    for page in pages:
        yield from map(from_item, page["Items"])


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as attributes; what is None is left out."""
    return {name: _to_attribute(value) for name, value in values.items() if value is not None}


def _to_attribute(value: Any) -> dict[str, Any]:  # noqa: ANN401 (any value that DynamoDB takes)
    """One value as an attribute."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float):
        return {"N": str(value)}
    if isinstance(value, Mapping):
        return {"M": to_item(value)}
    if isinstance(value, AbstractSet):
        return {"SS": sorted(value)}
    if isinstance(value, list | tuple):
        return {"L": [_to_attribute(element) for element in value]}
    return {"S": str(value)}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as values; numbers are whole where they can be."""
    return {name: _from_attribute(attribute) for name, attribute in item.items()}


def _from_attribute(attribute: Mapping[str, Any]) -> Any:  # noqa: ANN401 (any value that DynamoDB holds)
    [(kind, value)] = attribute.items()
    if kind == "N":
        number = Decimal(value)
        return int(number) if number == number.to_integral_value() else float(number)
    if kind == "M":
        return from_item(value)
    if kind == "SS":
        return frozenset(value)
    if kind == "L":
        return [_from_attribute(element) for element in value]
    return value
