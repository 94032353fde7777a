"""Documents that keep their versions: segments, campaigns and message templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.service.messages import ServiceError

Document = dict[str, Any]


class Versions:
    """Documents by id, each with all its versions. Documents are replaced, never changed in place.

    Parameters
    ----------
    what
        What they are called in messages, such as `segment`.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._documents: dict[str, list[Document]] = {}

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._documents

    def add(self, identifier: str, document: Document) -> None:
        """Add a document, or a version of one."""
        self._documents.setdefault(identifier, []).append(document)

    def replace(self, identifier: str, document: Document) -> None:
        """Overwrite the newest version of a document."""
        self._documents[identifier][-1] = document

    def versions(self, identifier: str) -> list[Document]:
        """Return the versions of a document, oldest first.

        Parameters
        ----------
        identifier
            Its id.

        Returns
        -------
        list
            At least one.

        Raises
        ------
        ServiceError
            404 if there is no such document.
        """
        if identifier not in self._documents:
            raise ServiceError(404, f"the {self._what} does not exist")
        return list(self._documents[identifier])

    def get(self, identifier: str, version: int | str | None = None) -> Document:
        """Return a version of a document.

        Parameters
        ----------
        identifier
            Its id.
        version
            Number of the version, by default the newest.

        Returns
        -------
        dict
            The document.

        Raises
        ------
        ServiceError
            404 if there is no such document or version.
        """
        versions = self.versions(identifier)
        if version is None:
            return versions[-1]
        for document in versions:
            if str(document["Version"]) == str(version):
                return document
        raise ServiceError(404, f"the {self._what} has no such version")

    def newest(self) -> list[Document]:
        """Return the newest version of every document, in the order of their creation."""
        return [versions[-1] for versions in self._documents.values()]

    def remove(self, identifier: str) -> Document:
        """Remove a document with all versions, and return the newest one.

        Parameters
        ----------
        identifier
            Its id.

        Returns
        -------
        dict
            The document.

        Raises
        ------
        ServiceError
            404 if there is no such document.
        """
        newest = self.get(identifier)
        del self._documents[identifier]
        return newest

    def snapshot(self) -> dict[str, list[Document]]:
        """Return everything as a JSON document."""
        return dict(self._documents)

    @classmethod
    def restored(cls, what: str, snapshot: Mapping[str, list[Document]]) -> Versions:
        """Build what `snapshot` returned.

        Parameters
        ----------
        what
            As of the class.
        snapshot
            The document.

        Returns
        -------
        Versions
            The same documents.
        """
        found = cls(what)
        found._documents = {identifier: list(versions) for identifier, versions in snapshot.items()}
        return found
