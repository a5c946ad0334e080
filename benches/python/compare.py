#!/usr/bin/env python3
"""Compares the package for Python with the program that it runs, on 1,000 files.

    benches/python/compare.py [--rounds 7] [--files 1000]

Runs in an environment with the wheel of an optimized binary. The files are copies of the synthetic
statements of testdata, each with its own bytes.

Every contender runs once per round, so that load on the machine affects all of them equally. The
throughput of a contender relative to the program is computed per round, from CPU times (user and
system, with all child processes) and from elapsed times; the medians are printed. The start of
Python and the import of the package count.

The contenders:

program    `bankscreen --check --files-only --format ndjson` with output to /dev/null.
check      `bankscreen.check(folder, files_only=True)`.
screener   `Screener().map(…)` over the contents of the files, which Python reads.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bankscreen

PROJECT = Path(__file__).resolve().parents[2]
CHECK = """
import bankscreen, sys
files = sum(1 for record in bankscreen.check(sys.argv[1], files_only=True))
assert files == int(sys.argv[2]), files
"""
SCREENER = """
import bankscreen, pathlib, sys
paths = sorted(pathlib.Path(sys.argv[1]).iterdir())
with bankscreen.Screener() as screener:
    files = sum(1 for record in screener.map((str(path), path.read_bytes()) for path in paths))
assert files == int(sys.argv[2]), files
"""


def create_files(folder: Path, count: int) -> None:
    """Writes statements, each with its own bytes."""
    sources = [path.read_bytes() for path in sorted((PROJECT / "testdata" / "banks").glob("*.pdf"))]
    for number in range(count):
        content = sources[number % len(sources)] + f"\n% {number}\n".encode()
        (folder / f"{number:04}.pdf").write_bytes(content)


def measure(command: list[str]) -> tuple[float, float]:
    """Runs a command and returns its CPU time and its elapsed time, in seconds."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 1), command
    return usage.ru_utime + usage.ru_stime, elapsed


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--files", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        create_files(Path(name), arguments.files)
        files = [name, str(arguments.files)]
        program = [bankscreen.find_program(), "--check", "--files-only", "--format=ndjson", name]
        contenders = {
            "program": program,
            "check": [sys.executable, "-c", CHECK, *files],
            "screener": [sys.executable, "-c", SCREENER, *files],
        }
        rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
        for _ in range(arguments.rounds):
            for name, command in contenders.items():
                rounds[name].append(measure(command))
    print("contender   CPU s   elapsed s   throughput by CPU time   by elapsed time")
    for name, times in rounds.items():
        medians = [statistics.median(time[index] for time in times) for index in (0, 1)]
        ratios = [
            statistics.median(
                base[index] / own[index] for base, own in zip(rounds["program"], times)
            )
            for index in (0, 1)
        ]
        print(f"{name:<10} {medians[0]:6.2f}   {medians[1]:9.2f}   {ratios[0]:22.3f}   {ratios[1]:15.3f}")


if __name__ == "__main__":
    main()
