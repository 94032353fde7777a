"""Upload dist/ to a bucket, for accounts that take Lambda packages from there.

    publish.py --bucket BUCKET [--prefix PREFIX]

Keys hold the content's hash, so nothing is ever overwritten and a second run uploads nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DIST = Path(__file__).resolve().parent.parent / "dist"
PACKAGES = {"function_key": "engagement-function.zip", "layer_key": "engagement-layer.zip"}
NOT_FOUND = 404


def publish(client: S3Client, bucket: str, prefix: str, dist: Path = DIST) -> dict[str, str]:
    """Upload what is not there yet.

    Parameters
    ----------
    client
        S3 client of the bucket's Region.
    bucket, prefix
        Where to; the prefix may be empty.
    dist
        Folder with both packages.

    Returns
    -------
    dict
        The fields of the modules' `lambda_package` input.
    """
    package = {"s3_bucket": bucket}
    for field, name in PACKAGES.items():
        content = (dist / name).read_bytes()
        stem, _, ending = name.rpartition(".")
        key = "/".join(filter(None, [prefix.strip("/"), f"{stem}-{hashlib.sha256(content).hexdigest()[:16]}.{ending}"]))
        if not _exists(client, bucket, key):
            client.put_object(Bucket=bucket, Key=key, Body=content, ContentType="application/zip")
        package[field] = key
    return package


def _exists(client: S3Client, bucket: str, key: str) -> bool:
    try:
        client.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == NOT_FOUND:
            return False
        raise
    return True


def main() -> None:
    """Publish and print the input to set."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--prefix", default="")
    arguments = parser.parse_args()
    if not arguments.bucket:
        sys.exit("error: say where to: make publish BUCKET=<name of a bucket in the functions' Region>")
    try:
        package = publish(boto3.client("s3"), arguments.bucket, arguments.prefix)
    except (BotoCoreError, ClientError, OSError) as error:
        sys.exit(f"error: {error}")
    print("lambda_package = {")
    for field, value in package.items():
        print(f'  {field:<12} = "{value}"')
    print("}")


if __name__ == "__main__":
    main()
