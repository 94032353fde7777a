"""Keys of tokens, from an SSM parameter or a secret that the caller of the module named."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from engagement.domain.token import KeysUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

FRESH_SECONDS = 300
UNKNOWN_KEY_SECONDS = 60
"""A key id that is not known may have been added since; asked this often at most, since anybody can make one up."""


def parameter(client: SSMClient, arn: str) -> Callable[[], str]:
    """A reader of an SSM parameter."""
    return lambda: client.get_parameter(Name=arn, WithDecryption=True)["Parameter"]["Value"]


def secret(client: SecretsManagerClient, arn: str) -> Callable[[], str]:
    """A reader of a secret."""
    return lambda: client.get_secret_value(SecretId=arn)["SecretString"]


class Keys:
    """The keys, read when they are first needed and again every five minutes.

    Parameters
    ----------
    read
        Reads the document `{"keys": {kid: base64}}`.
    now
        A steady clock in seconds.
    """

    def __init__(self, read: Callable[[], str], now: Callable[[], float]) -> None:
        self._read = read
        self._now = now
        self._keys: Mapping[str, bytes] | None = None
        self._asked = float("-inf")

    def __call__(self, kid: str) -> bytes | None:
        """The key of a key id; None if there is none.

        Raises
        ------
        KeysUnavailableError
            The keys were never read, and cannot be read now.
        """
        age = self._now() - self._asked
        if self._keys is None or age >= FRESH_SECONDS or (kid not in self._keys and age >= UNKNOWN_KEY_SECONDS):
            self._refresh()
        if self._keys is None:
            raise KeysUnavailableError
        return self._keys.get(kid)

    def _refresh(self) -> None:
        """Read the keys; those of before stay if that fails."""
        self._asked = self._now()
        try:
            document = json.loads(self._read())
            self._keys = {kid: base64.b64decode(key, validate=True) for kid, key in document["keys"].items()}
        except (BotoCoreError, ClientError, ValueError, binascii.Error, KeyError, TypeError, AttributeError):
            return
