"""The message templates of every account and Region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.pinpoint.versions import Versions


class Templates:
    """The message templates of one account and Region.

    Parameters
    ----------
    documents
        Templates by key; none by default.
    """

    def __init__(self, documents: Versions | None = None) -> None:
        self.documents = documents or Versions("template")

    @staticmethod
    def key(kind: str, name: str) -> str:
        """Return what identifies a template: its type and its name, in which upper and lower case differ."""
        return f"{kind}/{name}"

    def get(self, kind: str, name: str, version: str | None = None) -> dict[str, Any]:
        """Return a template.

        Parameters
        ----------
        kind, name
            Its type, such as `EMAIL`, and name.
        version
            Which version, by default the active one.

        Returns
        -------
        dict
            The template.

        Raises
        ------
        ServiceError
            404 if there is none.
        """
        return self.documents.get(self.key(kind, name), version)


class AllTemplates:
    """The templates of all accounts."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, str], Templates] = {}

    def of(self, account: str, region: str) -> Templates:
        """Return those of an account and Region."""
        return self._accounts.setdefault((account, region), Templates())

    def snapshot(self) -> list[dict[str, Any]]:
        """Return all templates as JSON documents."""
        return [
            {"account": account, "region": region, "documents": templates.documents.snapshot()}
            for (account, region), templates in self._accounts.items()
        ]

    def restore(self, snapshot: list[Mapping[str, Any]]) -> None:
        """Take over what `snapshot` returned.

        Parameters
        ----------
        snapshot
            The documents.
        """
        self._accounts = {
            (one["account"], one["region"]): Templates(Versions.restored("template", one["documents"]))
            for one in snapshot
        }
