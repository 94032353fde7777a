"""Customer Profiles as what stamps change: a look-up by account number, and an update of what it finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from engagement.adapters.connect.sdk import ProfilesClient, is_gone
from engagement.adapters.crew import WORKERS
from engagement.adapters.refusals import call_of
from engagement.domain.destination import Call
from engagement.domain.stamps.stamping import Parts, Update, Values

_KEY = "_account"
_PAGE = 100


class ProfileStamps:
    """The profiles of a domain.

    Parameters
    ----------
    client
        A client that makes one attempt per call.
    domain
        The domain of Customer Profiles.
    """

    most = 1
    together = WORKERS

    def __init__(self, client: ProfilesClient, domain: str) -> None:
        self._client = client
        self._domain = domain

    def same(self, endpoint_id: str) -> str:
        """What all spellings of an account number have in common: it has one."""
        return endpoint_id

    def update(self, update: Update) -> Parts:
        """Write one customer's attributes, to every profile that has the account number.

        A customer whom nobody knows is refused, and so are several values of one attribute, which profiles cannot hold.
        """
        return [(update, self._update(update))]

    def _update(self, update: Update) -> Call:
        attributes = _attributes(update.values)
        (account,) = update.endpoints
        if attributes is None:
            return Call.REFUSED
        try:
            profiles = list(self._found(account))
            done = [self._write(profile, attributes) for profile in profiles]
        except ClientError as error:
            return call_of(error)
        except BotoCoreError:
            return Call.UNKNOWN
        return Call.ANSWERED if any(done) else Call.REFUSED

    def _found(self, account: str) -> Iterator[str]:
        page: dict[str, str] = {}
        while True:
            answer = self._client.search_profiles(
                DomainName=self._domain, KeyName=_KEY, Values=[account], MaxResults=_PAGE, **page
            )
            yield from (profile["ProfileId"] for profile in answer.get("Items", []))
            if not answer.get("NextToken"):
                return
            page = {"NextToken": answer["NextToken"]}

    def _write(self, profile: str, attributes: Mapping[str, str]) -> bool:
        """Write to a profile; False if it has gone since it was found."""
        try:
            self._client.update_profile(DomainName=self._domain, ProfileId=profile, Attributes=attributes)
        except ClientError as error:
            if is_gone(error):
                return False
            raise
        return True


def _attributes(values: Values) -> dict[str, str] | None:
    if any(len(texts) != 1 for texts in values.values()):
        return None
    return {name: texts[0] for name, texts in values.items()}
