from __future__ import annotations

from dataclasses import dataclass

import pytest

from engagement.domain.interactions.connecting import (
    PATIENCE_SECONDS,
    Connection,
    NotYetError,
    connect,
    disconnect,
)

OURS = Connection("arn:stream/ours", "arn:role/ours")
SHARED = Connection("arn:stream/ours", "arn:role/theirs")
THEIRS = Connection("arn:stream/theirs", "arn:role/theirs")


@dataclass
class Clock:
    now: float = 0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Project:
    """A project; its first calls are denied."""

    its: Connection | None = None
    denied: int = 0
    writes: int = 0

    def connection(self) -> Connection | None:
        self._deny()
        return self.its

    def connect(self, connection: Connection) -> None:
        self._deny()
        self.its = connection
        self.writes += 1

    def disconnect(self) -> None:
        self._deny()
        self.its = None

    def _deny(self) -> None:
        self.denied -= 1
        if self.denied >= 0:
            raise NotYetError("AccessDenied")


def test_a_project_without_a_stream_is_connected_once() -> None:
    project = Project()

    assert connect(project, OURS, Clock()) == connect(project, OURS, Clock()) == []
    assert (project.its, project.writes) == (OURS, 1)


def test_a_stream_of_somebody_else_is_never_replaced() -> None:
    project = Project(THEIRS)

    (error,) = connect(project, OURS, Clock())

    assert project.its == THEIRS
    assert "arn:stream/theirs already" in error
    assert 'existing_stream = { arn = "arn:stream/theirs" }' in error


def test_somebody_else_s_connection_to_the_same_stream_is_as_good() -> None:
    project = Project(SHARED)

    assert connect(project, OURS, Clock()) == []
    disconnect(project, OURS, Clock())

    assert project.its == SHARED


def test_our_own_connection_may_move() -> None:
    project = Project(Connection("arn:stream/before", OURS.role_arn))

    assert connect(project, OURS, Clock()) == []
    assert project.its == OURS


@pytest.mark.parametrize("denied", [1, 5])
def test_a_role_that_is_not_known_yet_is_waited_for(denied: int) -> None:
    project = Project(denied=denied)

    assert connect(project, OURS, Clock()) == []
    assert project.its == OURS


def test_what_stays_denied_is_said_within_a_minute() -> None:
    clock = Clock()

    (error,) = connect(Project(denied=10_000), OURS, clock)

    assert "AccessDenied" in error
    assert PATIENCE_SECONDS <= clock.now < 60


def test_only_what_was_made_is_taken_back() -> None:
    for its, left in ((OURS, None), (THEIRS, THEIRS), (SHARED, SHARED), (None, None)):
        project = Project(its)
        disconnect(project, OURS, Clock())
        assert project.its == left


def test_a_disconnection_that_stays_denied_fails_so_that_destroy_is_repeated() -> None:
    with pytest.raises(NotYetError):
        disconnect(Project(OURS, denied=10_000), OURS, Clock())

    project = Project(OURS, denied=2)
    disconnect(project, OURS, Clock())

    assert project.its is None
