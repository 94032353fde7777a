"""Plans and settings from files, and how the commands exit."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from engagement.domain.plans.faults import PlanError
from engagement.domain.plans.reading import load
from engagement.domain.plans.settings import PlanSettings

FAULTY = 1
UNREADABLE = 2


def read(names: Iterable[str], settings: str) -> tuple[dict[str, str], PlanSettings]:
    """The texts of plans by file, and the settings; who cannot read them ends the command."""
    try:
        its = PlanSettings.parse(load(Path(settings).read_text(encoding="utf-8"))) if settings else PlanSettings()
        return {name: Path(name).read_text(encoding="utf-8") for name in names}, its
    except (OSError, UnicodeDecodeError) as error:
        _fail(f"error: {error}")
    except PlanError as error:
        _fail(f"error: {settings}: {error}")


def _fail(text: str) -> NoReturn:
    print(text, file=sys.stderr)
    sys.exit(UNREADABLE)
