"""Say what of a plan carries over to Amazon Connect, what changes, and what is lost; without AWS.

python -m tools.migrate_plan [--settings FILE] FILE ...
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

# The tools run from the root of the project; the product is no installed package.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lambda_src"))

from engagement.domain.destinations import DestinationName
from engagement.domain.plans import reading
from engagement.domain.plans.connect.settings import ConnectSettings
from engagement.domain.plans.faults import Fault, PlanError
from engagement.domain.plans.settings import PlanSettings
from tools.plan import files
from tools.plan.differences import differences, section_of, sections


def main() -> None:
    """Exit with 0 if Amazon Connect would run every plan, 1 if not, 2 if a file or the settings cannot be read."""
    arguments = _arguments()
    texts, settings = files.read(arguments.files, arguments.settings)
    if settings.connect is None:
        print("The settings have no connect, so no template and no sender is known.\n", file=sys.stderr)
    runs = [_shown(name, text, settings) for name, text in texts.items()]
    if not all(runs):
        sys.exit(files.FAULTY)


def _shown(name: str, text: str, settings: PlanSettings) -> bool:
    """Print what becomes of a plan; whether Amazon Connect would run it."""
    try:
        lines, lost = report(reading.load(text), settings)
    except PlanError as error:
        lines, lost = [f"# {name}", "", *map(str, error.faults)], len(error.faults)
    print("\n".join([*lines, ""]))
    return not lost


def report(document: object, settings: PlanSettings) -> tuple[list[str], int]:
    """What becomes of a plan, section by section.

    Parameters
    ----------
    document
        As `json.loads` gives it.
    settings
        What plans may reach; without those of Amazon Connect nothing is known there.

    Returns
    -------
    tuple
        Lines to print, and how many faults keep Amazon Connect from running it.

    Raises
    ------
    PlanError
        It is no plan at all.
    """
    connect = settings.connect or ConnectSettings()
    plan, found = reading.examine(document, replace(settings, sends_by=DestinationName.CONNECT, connect=connect))
    if plan is None:
        raise PlanError(found)
    _, before = reading.examine(document, replace(settings, sends_by=DestinationName.PINPOINT, connect=None))
    told = list(differences(plan, connect))
    verdict = f"would not run this plan: {len(found)} to mend" if found else "would run this plan"
    lines = [f"# {plan.event}", "", f"Amazon Connect {verdict}."]
    parts = sections(plan)
    for where, title in parts.items():
        wrong = [fault for fault in found if section_of(fault.where, parts) == where]
        changed = [one.text for one in told if section_of(one.where, parts) == where]
        lines += ["", f"## {title}: {_outcome(wrong, changed, before)}"]
        points = [*(f"- {fault}" for fault in wrong), *(f"- {text}." for text in changed)]
        lines += ["", *points] if points else []
    return lines, len(found)


def _outcome(wrong: list[Fault], changed: list[str], before: tuple[Fault, ...]) -> str:
    if any(fault not in before for fault in wrong):
        return "lost as it is"
    if wrong:
        return "at fault, on Amazon Pinpoint too"
    return "changes" if changed else "carries over unchanged"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make migrate-plan", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--settings", default="", help="JSON file with connect, custom_channels and the like")
    parser.add_argument("files", nargs="+", metavar="FILE", help="a plan")
    return parser.parse_args()


if __name__ == "__main__":
    main()
