"""Running the packaged function and the baseline side by side."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import boto3

from local_cloud.pinpoint import Pinpoint, Settings
from local_cloud.pinpoint.server import PinpointServer
from tests.benchmarks.row import Row
from tests.environment import PIXEL
from tools.stack import ROOT, pythons

HERE = Path(__file__).parent
OURS, BASELINE = "engagement.handlers.pixel", "baseline"
LATENCY_SECONDS = 0.02
QUOTA = 15
UNLIMITED = 10_000
INSTANCES = 2
BATCH, BASELINE_BATCH = 1_000, 4
CPU_ROUNDS, FIRST_INVOKE_ROUNDS = 7, 21


class Bench:
    """Functions as the runtime runs them: packages unpacked, read-only, without byte-code.

    Parameters
    ----------
    folder
        An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self._python = pythons()["python3.13"]
        # One environment for both: they differ in their code alone.
        self._path = os.pathsep.join(map(str, [folder / "task", folder / "layer" / "python", HERE]))
        for name, target in (("engagement-function.zip", "task"), ("engagement-layer.zip", "layer")):
            with zipfile.ZipFile(ROOT / "dist" / name) as archive:
                archive.extractall(folder / target)

    def python_version(self) -> str:
        """Of the interpreter that runs the functions."""
        command = [self._python, "-c", "import platform; print(platform.python_version())"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def rows(self) -> Iterator[Row]:
        """Measure everything."""
        yield self._requests()
        yield self._throughput()
        yield self._cpu()
        yield self._first_invoke()

    def _requests(self) -> Row:
        batches = 5
        with self._pinpoint(rate=0) as (server, environment):
            self._run(environment, OURS, [(batches, BATCH)])
            calls = len(_put_events(server)) - 1
        per_thousand = calls / (batches * BATCH / 1_000)
        return Row(
            "PutEvents requests per 1,000 events, full queue",
            f"{per_thousand:.1f}",
            "<= 10.5",
            per_thousand <= 10.5,
            f"batches of {BATCH:,}",
        )

    def _throughput(self) -> Row:
        batches = 12
        with self._pinpoint(rate=QUOTA) as (server, environment):
            paced = environment | {"PUT_EVENTS_RATE": str(QUOTA), "MAXIMUM_CONCURRENCY": str(INSTANCES)}
            results = self._run(paced, OURS, [(batches, BATCH)] * INSTANCES)
            taken = [entry for entry in _put_events(server) if entry["status"] == 202]
        rate = _rate_while_all_run(taken, INSTANCES)
        lost = sum(result["returned"] for result in results) + INSTANCES * (batches * BATCH + 1) - len(_ids(taken))
        return Row(
            "events per second at the quota",
            f"{rate:,.0f}, {lost:.0f} lost",
            ">= 1,400, 0 lost",
            rate >= 1400 and lost == 0,
            f"{QUOTA} requests per second, {INSTANCES} instances, batches of {BATCH:,}",
        )

    def _cpu(self) -> Row:
        def per_event(result: Mapping[str, float]) -> float:
            return result["cpu"] / result["events"]

        ratio = self._ratio(per_event, (5, BATCH), (50, BASELINE_BATCH), CPU_ROUNDS)
        return Row(
            "CPU per event against the baseline",
            f"1/{1 / ratio:.1f}",
            "<= 1/15",
            ratio <= 1 / 15,
            f"batches of {BATCH:,} against {BASELINE_BATCH}, median of {CPU_ROUNDS} pairs",
        )

    def _first_invoke(self) -> Row:
        # CPU time: a first invoke is imports, and the wall clock of a shared machine varies by half between two runs.
        ratio = self._ratio(lambda result: result["first"], (0, 0), (0, 0), FIRST_INVOKE_ROUNDS)
        return Row(
            "CPU of the first invoke against a bare boto3 client",
            f"{ratio:.2f}",
            "<= 1.35",
            ratio <= 1.35,
            f"new process, both beside the layer, read-only without byte-code, median of {FIRST_INVOKE_ROUNDS} pairs",
        )

    def _ratio(
        self,
        measure: Callable[[Mapping[str, float]], float],
        ours: tuple[int, int],
        baseline: tuple[int, int],
        rounds: int,
    ) -> float:
        """Ours against the baseline, one after the other in each round, so that a busy machine slows both."""
        ratios = []
        with self._pinpoint(rate=0) as (_, environment):
            for _round in range(rounds):
                (mine,) = self._run(environment, OURS, [ours])
                (other,) = self._run(environment, BASELINE, [baseline])
                ratios.append(measure(mine) / measure(other))
        return median(ratios)

    @contextmanager
    def _pinpoint(self, rate: int) -> Iterator[tuple[PinpointServer, dict[str, str]]]:
        settings = Settings(latency_seconds=LATENCY_SECONDS, put_events_rate=rate)
        with PinpointServer(Pinpoint(settings=settings)) as server:
            client = boto3.client(
                "pinpoint",
                region_name="eu-west-1",
                endpoint_url=server.url,
                aws_access_key_id="k",
                aws_secret_access_key="k",
            )
            app = client.create_app(CreateApplicationRequest={"Name": "benchmark"})["ApplicationResponse"]["Id"]
            yield (
                server,
                {
                    **PIXEL,
                    "PATH": os.environ["PATH"],
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "AWS_ACCESS_KEY_ID": "k",
                    "AWS_SECRET_ACCESS_KEY": "k",
                    "AWS_REGION": "eu-west-1",
                    "AWS_DEFAULT_REGION": "eu-west-1",
                    "AWS_ENDPOINT_URL_PINPOINT": server.url,
                    "PINPOINT_APPLICATION_ID": app,
                    "PUT_EVENTS_RATE": str(UNLIMITED),
                    "POWERTOOLS_SERVICE_NAME": "pixel",
                    "POWERTOOLS_METRICS_NAMESPACE": "CustomerEngagement",
                },
            )

    def _run(
        self, environment: Mapping[str, str], module: str, loads: Sequence[tuple[int, int]]
    ) -> list[dict[str, float]]:
        """Start one process per load, at once, and wait for all."""
        processes = [
            subprocess.Popen(
                [self._python, str(HERE / "worker.py"), module, str(batches), str(size), str(number)],
                env={**environment, "PYTHONPATH": self._path},
                stdout=subprocess.PIPE,
                text=True,
            )
            for number, (batches, size) in enumerate(loads)
        ]
        outputs = [process.communicate()[0] for process in processes]
        for process, output in zip(processes, outputs, strict=True):
            if process.returncode:
                sys.exit(f"error: a worker failed:\n{output}")
        return [json.loads(output.rsplit("RESULT", 1)[1]) for output in outputs]


def _put_events(server: PinpointServer) -> list[dict[str, Any]]:
    return [entry for entry in server.pinpoint.journal.since(0)["requests"] if entry["operation"] == "PutEvents"]


def _ids(entries: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {
        (endpoint_id, event_id)
        for entry in entries
        for endpoint_id, item in entry["request"]["BatchItem"].items()
        for event_id in item["Events"]
    }


def _rate_while_all_run(entries: Sequence[Mapping[str, Any]], instances: int) -> float:
    """Events per second between the last instance's start and the first one's end."""
    times: dict[str, list[datetime]] = {}
    sizes: dict[datetime, int] = {}
    for entry in entries:
        # visitor-INSTANCE-NUMBER; the first call of each instance is its single warm-up event.
        instance = next(iter(entry["request"]["BatchItem"])).split("-")[1]
        if _size(entry) > 1:
            time = datetime.fromisoformat(entry["time"])
            times.setdefault(instance, []).append(time)
            sizes[time] = _size(entry)
    assert len(times) == instances
    start = max(min(seen) for seen in times.values())
    end = min(max(seen) for seen in times.values())
    return sum(size for time, size in sizes.items() if start < time <= end) / (end - start).total_seconds()


def _size(entry: Mapping[str, Any]) -> int:
    return sum(len(item["Events"]) for item in entry["request"]["BatchItem"].values())
