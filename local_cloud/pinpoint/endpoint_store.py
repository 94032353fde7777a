"""The endpoints of one application."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final

from local_cloud.pinpoint import endpoint_rules as rules
from local_cloud.service.messages import ServiceError

# Pinpoint quotas: custom attributes, metrics and user attributes together, per application.
NAMES_PER_APPLICATION: Final = 250
ENDPOINTS_PER_USER: Final = 15

_PUSH_CHANNELS: Final = frozenset({"ADM", "GCM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU"})
_CHANGES_KEPT: Final = 500
# Enough for a lag of some minutes at the rates that the account has.
_FORMER_KEPT: Final = 20_000


class EndpointStore:
    """Endpoints with the rules that span several of them. Documents are replaced, never changed in place.

    Parameters
    ----------
    application_id
        Whose endpoints they are.
    """

    def __init__(self, application_id: str) -> None:
        self._application_id = application_id
        self._documents: dict[str, dict[str, Any]] = {}
        self._users: dict[str, frozenset[str]] = {}
        self._addresses: dict[str, frozenset[str]] = {}
        self._names: set[str] = set()
        self._changes: deque[dict[str, Any]] = deque(maxlen=_CHANGES_KEPT)
        self._former: deque[tuple[str, str, dict[str, Any] | None]] = deque(maxlen=_FORMER_KEPT)

    def update(self, endpoint_id: str, change: Mapping[str, Any], now: str, request_id: str) -> None:
        """Create an endpoint or change one.

        Parameters
        ----------
        endpoint_id
            Its id.
        change
            What the caller sent, in the shape of the service model.
        now, request_id
            Time and id of the request.

        Raises
        ------
        ServiceError
            400 if a rule is broken; nothing has changed then.
        """
        key = rules.endpoint_key(endpoint_id)
        rules.check_change(change)
        fresh = rules.custom_names(change) - self._names
        if fresh and len(self._names) + len(fresh) > NAMES_PER_APPLICATION:
            raise ServiceError(400, f"an application can have at most {NAMES_PER_APPLICATION} attribute names")
        old = self._documents.get(key) or {
            "Id": endpoint_id,
            "ApplicationId": self._application_id,
            "CreationDate": now,
        }
        user_attributes = self._user_attributes(key, old, change)
        new = rules.merge(old, change, user_attributes, now, request_id)
        rules.check_size(new)
        surplus = self._surplus_endpoint(key, new)

        if surplus is not None:
            self._retire(surplus, now)
        self._names |= fresh
        self._store(key, new, now)
        self._copy_user_attributes(key, new, now)
        self._silence_address(key, new, now)
        self._changes.append({"time": now, "endpoint_id": new["Id"], "change": change})

    def ensure(self, endpoint_id: str, now: str, request_id: str) -> None:
        """Create an endpoint unless it exists; an existing one stays as it is.

        Parameters
        ----------
        endpoint_id
            Its id.
        now, request_id
            Time and id of the request.

        Raises
        ------
        ServiceError
            400 if the id is not allowed.
        """
        if rules.endpoint_key(endpoint_id) not in self._documents:
            self.update(endpoint_id, {}, now, request_id)

    def get(self, endpoint_id: str) -> dict[str, Any]:
        """Return an endpoint.

        Parameters
        ----------
        endpoint_id
            Its id in any spelling.

        Returns
        -------
        dict
            The endpoint.

        Raises
        ------
        ServiceError
            404 if there is none.
        """
        document = self.find(endpoint_id)
        if document is None:
            raise ServiceError(404, "the endpoint does not exist")
        return document

    def find(self, endpoint_id: str) -> dict[str, Any] | None:
        """Return an endpoint by its id in any spelling, None if there is none."""
        return self._documents.get(rules.endpoint_key(endpoint_id))

    def delete(self, endpoint_id: str, now: str) -> dict[str, Any]:
        """Remove an endpoint.

        Parameters
        ----------
        endpoint_id
            Its id in any spelling.
        now
            Time of the request.

        Returns
        -------
        dict
            The endpoint as it was.

        Raises
        ------
        ServiceError
            404 if there is none.
        """
        document = self.get(endpoint_id)
        key = rules.endpoint_key(endpoint_id)
        self._former.append((now, key, document))
        self._forget(key, document)
        del self._documents[key]
        self._changes.append({"time": now, "endpoint_id": document["Id"], "change": None})
        return document

    def __len__(self) -> int:
        return len(self._documents)

    def of_user(self, user_id: str) -> list[dict[str, Any]]:
        """Return the endpoints of a user, in no particular order."""
        return [self._documents[key] for key in sorted(self._users.get(user_id, ()))]

    def documents(self) -> dict[str, dict[str, Any]]:
        """Return all endpoints by id."""
        return {document["Id"]: document for document in self._documents.values()}

    def documents_at(self, moment: str) -> list[dict[str, Any]]:
        """Return all endpoints as they were; after a restart, what was there before it counts as old.

        Parameters
        ----------
        moment
            The moment, not long ago, in the form of `iso_8601`.

        Returns
        -------
        list
            Endpoints, in no particular order.
        """
        found: dict[str, dict[str, Any] | None] = dict(self._documents)
        for changed, key, former in reversed(self._former):
            if changed <= moment:
                break
            found[key] = former
        return [document for document in found.values() if document is not None]

    def document_at(self, endpoint_id: str, moment: str) -> dict[str, Any] | None:
        """Return an endpoint as it was, None if it was not there; see `documents_at`.

        Parameters
        ----------
        endpoint_id
            Its id in any spelling.
        moment
            As for `documents_at`.

        Returns
        -------
        dict or None
            The endpoint.
        """
        wanted = rules.endpoint_key(endpoint_id)
        found = self._documents.get(wanted)
        for changed, key, former in reversed(self._former):
            if changed <= moment:
                break
            if key == wanted:
                found = former
        return found

    def changes(self) -> list[dict[str, Any]]:
        """Return the last changes, oldest first; a deletion has None as its change."""
        return list(self._changes)

    def copy(self) -> EndpointStore:
        """Return a store that can be changed without changing this one."""
        other = EndpointStore(self._application_id)
        other._documents = dict(self._documents)
        other._users = dict(self._users)
        other._addresses = dict(self._addresses)
        other._names = set(self._names)
        other._changes = self._changes.copy()
        other._former = self._former.copy()
        return other

    def snapshot(self) -> dict[str, Any]:
        """Return the store as a JSON document."""
        return {
            "endpoints": list(self._documents.values()),
            "names": sorted(self._names),
            "changes": list(self._changes),
        }

    @classmethod
    def restored(cls, application_id: str, snapshot: Mapping[str, Any]) -> EndpointStore:
        """Build a store from what `snapshot` returned.

        Parameters
        ----------
        application_id
            Whose endpoints they are.
        snapshot
            The document.

        Returns
        -------
        EndpointStore
            The same store.
        """
        store = cls(application_id)
        for document in snapshot["endpoints"]:
            store._store(rules.endpoint_key(document["Id"]), document, "")
        store._former.clear()
        store._names = set(snapshot["names"])
        store._changes.extend(snapshot["changes"])
        return store

    def _user_attributes(self, key: str, old: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, list[str]]:
        """Pinpoint developer guide, users: all endpoints of a user have the same user attributes.

        Attributes that belong to another user stay with that one; those of an endpoint without user come along.
        """
        before = rules.user_id_of(old)
        user_id = rules.user_id_of(change) or before
        own = rules.user_attributes_of(old) if before in {None, user_id} else {}
        others = [name for name in self._users.get(user_id or "", ()) if name != key]
        shared = rules.user_attributes_of(self._documents[others[0]]) if others else {}
        return rules.merge_names({**own, **shared}, rules.user_attributes_of(change))

    def _surplus_endpoint(self, key: str, new: Mapping[str, Any]) -> str | None:
        """Pinpoint developer guide, endpoints per user: a 16th push endpoint pushes out the one that was not updated
        for the longest time; a 16th endpoint of another channel is refused.
        """
        others = self._users.get(rules.user_id_of(new) or "", frozenset()) - {key}
        if len(others) < ENDPOINTS_PER_USER:
            return None
        push = [name for name in others if self._documents[name].get("ChannelType") in _PUSH_CHANNELS]
        if new.get("ChannelType") not in _PUSH_CHANNELS or not push:
            raise ServiceError(400, f"a user can have at most {ENDPOINTS_PER_USER} endpoints")
        return min(push, key=lambda name: (self._documents[name]["EffectiveDate"], name))

    def _retire(self, key: str, now: str) -> None:
        document = {**self._documents[key], "EndpointStatus": "INACTIVE"}
        self._store(key, rules.with_user(document, None, rules.user_attributes_of(document)), now)

    def _copy_user_attributes(self, key: str, new: Mapping[str, Any], now: str) -> None:
        attributes = rules.user_attributes_of(new)
        user_id = rules.user_id_of(new)
        for other in self._users.get(user_id or "", frozenset()) - {key}:
            document = self._documents[other]
            if rules.user_attributes_of(document) != attributes:
                self._put(other, rules.with_user(document, user_id, attributes), now)

    def _silence_address(self, key: str, new: Mapping[str, Any], now: str) -> None:
        """Service model: updating an endpoint makes another one with the same address INACTIVE."""
        for other in self._addresses.get(new.get("Address", ""), frozenset()) - {key}:
            self._put(other, {**self._documents[other], "EndpointStatus": "INACTIVE"}, now)

    def _put(self, key: str, document: dict[str, Any], now: str) -> None:
        self._former.append((now, key, self._documents.get(key)))
        self._documents[key] = document

    def _store(self, key: str, document: dict[str, Any], now: str) -> None:
        if key in self._documents:
            self._forget(key, self._documents[key])
        self._put(key, document, now)
        for index, value in self._indexed(document):
            index[value] = index.get(value, frozenset()) | {key}

    def _forget(self, key: str, document: Mapping[str, Any]) -> None:
        for index, value in self._indexed(document):
            left = index[value] - {key}
            if left:
                index[value] = left
            else:
                del index[value]

    def _indexed(self, document: Mapping[str, Any]) -> Iterable[tuple[dict[str, frozenset[str]], str]]:
        user_id, address = rules.user_id_of(document), document.get("Address")
        if user_id:
            yield self._users, user_id
        if address:
            yield self._addresses, address
