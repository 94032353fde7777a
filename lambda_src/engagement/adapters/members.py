"""Members of audiences as files in a bucket, read in pages that have the same bounds whoever asks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from engagement.domain.stamps.batches import MOST_ENDPOINTS, Kept
from engagement.domain.stamps.exports import Page

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Member = tuple[str, Kept | None]
"""An endpoint's id, with what an update must keep of it; None if nobody has looked."""


class Folders:
    """Folders of a bucket, one for each export.

    Parameters
    ----------
    s3
        Client of S3.
    bucket
        Where the folders are.
    """

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def url(self, folder: str) -> str:
        """Where a service is to write."""
        return f"s3://{self._bucket}/{folder}/"

    def files(self, folder: str) -> list[str]:
        """Keys of the files that hold something, in order."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"{folder}/")
        return sorted(item["Key"] for page in pages for item in page.get("Contents", []) if item.get("Size"))

    def lines(self, key: str) -> Iterator[bytes]:
        """Lines of a file that are not blank, unpacked where it is packed."""
        body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
        if key.endswith(".gz"):
            with gzip.open(body) as lines:
                yield from filter(bytes.strip, lines)
        else:
            yield from filter(bytes.strip, body.iter_lines())


def pages(
    files: Iterable[str],
    members: Callable[[str], Iterable[Member | None]],
    start: str,
    unnamed: Callable[[], None] = lambda: None,
) -> Iterator[Page]:
    """Pages of at most 100 members.

    Parameters
    ----------
    files
        Keys, in order.
    members
        Reads a file: a member for each row, None for a row that names nobody.
    start
        `next` of the last page that was used up; empty: from the beginning.
    unnamed
        Called for each row that names nobody.
    """
    first, done = json.loads(start) if start else ("", 0)
    for key in files:
        if key >= first:
            yield from _pages(key, members(key), done if key == first else 0, unnamed)


def _pages(key: str, rows: Iterable[Member | None], done: int, unnamed: Callable[[], None]) -> Iterator[Page]:
    """Pages of one file, after as many rows as are done."""
    page: dict[str, Kept | None] = {}
    number = 0
    for number, row in enumerate(rows, start=1):
        if number <= done:
            continue
        if row is None:
            unnamed()
        else:
            page[row[0]] = row[1]
        if page and number % MOST_ENDPOINTS == 0:
            yield Page(page, json.dumps([key, number]))
            page = {}
    if page:
        yield Page(page, json.dumps([key, number]))
