"""Check plans of company events, or say in plain English what they do; without AWS.

python -m tools.plan check|show [--settings FILE] FILE ...
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

# The tools run from the root of the project; the product is no installed package.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lambda_src"))

from engagement.domain.plans.faults import PlanError
from engagement.domain.plans.model import Plan
from engagement.domain.plans.reading import load, parse
from engagement.domain.plans.rules import shared_stamps
from engagement.domain.plans.settings import PlanSettings
from tools.plan import files
from tools.plan.report import report


def main() -> None:
    """Exit with 0 if nothing is wrong, 1 if a plan has faults, 2 if a file or the settings cannot be read."""
    arguments = _arguments()
    texts, settings = files.read(arguments.files, arguments.settings)
    plans, faults = _checked(texts, settings)
    now = datetime.now(UTC)
    for name in texts:
        try:
            if name in plans and arguments.command == "show":
                print(report(plans[name], settings, now))
        except PlanError as error:
            faults[name] += map(str, error.faults)
        for fault in faults[name]:
            print(f"{name}: {fault}" if len(texts) > 1 else fault, file=sys.stderr)
        if arguments.command == "check" and not faults[name]:
            print(f"{name}: nothing to say against it")
    if any(faults.values()):
        sys.exit(files.FAULTY)


def _checked(texts: dict[str, str], settings: PlanSettings) -> tuple[dict[str, Plan], dict[str, list[str]]]:
    """The plans that can be read, and the faults of all, by file."""
    plans: dict[str, Plan] = {}
    faults: dict[str, list[str]] = {name: [] for name in texts}
    for name, text in texts.items():
        try:
            plans[name] = parse(load(text), settings)
        except PlanError as error:
            faults[name] += map(str, error.faults)
    for name, shared in shared_stamps(plans).items():
        faults[name] += map(str, shared)
    return plans, faults


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make plan-check", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("command", choices=["check", "show"])
    parser.add_argument("--settings", default="", help="JSON file with custom_channels, allowed_senders and the like")
    parser.add_argument("files", nargs="+", metavar="FILE", help="a plan")
    return parser.parse_args()


if __name__ == "__main__":
    main()
