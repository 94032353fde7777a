"""Show runs of company events, or stop one.

python -m tools.run show --name NAME | --table TABLE [--limit N] [RUN]
python -m tools.run stop --name NAME | --table TABLE [--bus BUS] [--source SOURCE] [--wait] RUN
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

# The tools run from the root of the project; the product is no installed package.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lambda_src"))

from engagement.domain.runs.records import RunStatus
from tools.run import stopping
from tools.run.ledger import SUFFIX, RunError, Runs
from tools.run.report import SHORT_ID, report, table


def main() -> None:
    """Do it, and exit with 1 if it could not be done."""
    arguments = _arguments()
    try:
        runs = Runs(boto3.client("dynamodb"), _table(arguments))
        if arguments.command == "show":
            _show(runs, arguments)
        else:
            _stop(runs, arguments)
    except KeyboardInterrupt:
        sys.exit("no longer waiting; what was asked for goes on, make run-show tells how far it is")
    except (BotoCoreError, ClientError, RunError) as error:
        sys.exit(f"error: {error}")


def _show(runs: Runs, arguments: argparse.Namespace) -> None:
    if arguments.run:
        _say(report(runs.history(runs.find(arguments.run))))
    elif newest := runs.newest(arguments.limit):
        _say(table(newest))
    else:
        _say("No company event has come yet.")


def _stop(runs: Runs, arguments: argparse.Namespace) -> None:
    record = runs.find(arguments.run)
    if record.status is RunStatus.RUNNING:
        stopping.ask(boto3.client("events"), arguments.bus or _table(arguments), arguments.source, record.run)
        _say(f"Asked to stop {record.run}.")
        if not arguments.wait:
            _say(f"make run-show RUN={record.run[:SHORT_ID]} tells when it has stopped; WAIT=1 waits for it.")
            return
        record = stopping.follow(runs, record.run)
    _say(report(runs.history(record)))
    if record.status is not RunStatus.STOPPED:
        raise RunError(f"the run was not stopped: it is {record.status.value} already, and nothing more is made for it")


def _table(arguments: argparse.Namespace) -> str:
    if bool(arguments.name) == bool(arguments.table):
        raise RunError("say which environment, in one way: NAME=<its input name> or TABLE=<output ledger_table_name>")
    table_name: str = arguments.table or f"{arguments.name}{SUFFIX}"
    return table_name


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run-show", description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    environment = argparse.ArgumentParser(add_help=False)
    environment.add_argument("--name", default="", help="input name of the modules")
    environment.add_argument("--table", default="", help="name of the ledger instead")
    show = commands.add_parser("show", parents=[environment])
    show.add_argument("--limit", type=int, default=20, help="how many of the newest runs")
    show.add_argument("run", nargs="?", default="", help="a run's ID or its beginning")
    stop = commands.add_parser("stop", parents=[environment])
    stop.add_argument("--bus", default="", help="the bus; that of the module by default")
    stop.add_argument("--source", default="company-events.operator", help="source of the stop event")
    stop.add_argument("--wait", action="store_true", help="wait until the run has ended")
    stop.add_argument("run", help="a run's ID or its beginning")
    arguments = parser.parse_args()
    if arguments.command == "show" and arguments.limit < 1:
        parser.error("--limit must be at least 1")
    return arguments


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
