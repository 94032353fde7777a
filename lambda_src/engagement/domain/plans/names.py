"""Names of what a run makes: the same for the same run, so that what exists already is found again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from engagement.domain.plans.limits import NAME_LENGTH

RUN_TAG = "engagement:run"
"""Tag of everything that a run makes: its ID."""
ENVIRONMENT_TAG = "engagement:environment"
"""Tag of what is made where several environments are neighbours: the name of the ledger."""
INDEX_TAG = "engagement:index"
"""Tag of a campaign that sends: the index of its step."""
FILTER_TAG = "engagement:filter"
"""Tag of a campaign for those who did, or did not do, something in an earlier step."""

_HASH_LENGTH = 16
_RUN_LENGTH = 40
_OTHER = re.compile(r"[^A-Za-z0-9_-]+")


def plain(text: str) -> str:
    """A text in letters, digits, `_` and `-`, which every name may have."""
    return _OTHER.sub("-", text)


@dataclass(frozen=True, slots=True)
class Names:
    """Names for one run of a plan.

    Parameters
    ----------
    plan
        Its event.
    run_key
        What makes the run the only one of its kind; any text.
    """

    plan: str
    run_key: str

    @property
    def run(self) -> str:
        """The run key as 40 hexadecimal digits."""
        return sha256(self.run_key.encode("utf-8", "surrogatepass")).hexdigest()[:_RUN_LENGTH]

    def of(self, kind: str, *parts: str, label: str = "") -> str:
        """A name of at most 64 characters of `A-Z a-z 0-9 _ -`.

        Parameters
        ----------
        kind, parts
            What it names within the run; other parts, another name.
        label
            What people read, if not the parts.
        """
        digest = sha256(json.dumps([self.plan, self.run_key, kind, *parts]).encode()).hexdigest()[:_HASH_LENGTH]
        readable = plain("-".join([self.plan, *([label] if label else parts)])).strip("-")
        return f"{readable[: NAME_LENGTH - _HASH_LENGTH - 1]}-{digest}"

    def tags(self, step: str = "") -> Mapping[str, str]:
        """Tags that say which run, and which step, something belongs to."""
        tags = {"engagement:plan": self.plan, RUN_TAG: self.run}
        return tags | {"engagement:step": step} if step else tags
