#!/usr/bin/env python3
"""Ends runs of `bankscreen --check` at any moment and looks for what they leave behind.

Usage: kill.py PROGRAM TESTDATA [--runs N]. No other process may run the program meanwhile.

Each run screens good files and files that go to the jail, and is ended by SIGKILL, SIGTERM or
SIGINT while a child is at work. It must be gone soon, no child may outlive it, and, where it could
still speak, its report must be whole and its exit code 128 + the signal. Exit code 1 otherwise.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
# Seconds within which the program, and then its children, must be gone.
PATIENCE = 5


def children(parent):
    """Process ids of the children of all threads of a process."""
    found = set()
    for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            found.update(int(pid) for pid in task.read_text().split())
        except OSError:
            pass
    return found


def is_alive(pid):
    """A zombie is dead, and waits for init to notice."""
    try:
        return ") Z " not in pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def running(program):
    """Processes of the program, also those that were started after the last look."""
    found = set()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            found.update({int(process.name)} if os.readlink(process / "exe") == program else ())
        except OSError:
            pass
    return found


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


def fill(folder, testdata):
    """Good files among floods, each of which keeps a jailed child busy until its deadline."""
    good = sorted((testdata / "banks").glob("*.pdf"))
    for number, path in enumerate(good):
        shutil.copy(path, folder / f"{number:02}_good.pdf")
        if number % 4 == 0:
            flood = b"%PDF-1.4\n%" + str(number).encode() + b"\n" + b"1 0 obj ( endobj\n" * 200_000
            (folder / f"{number:02}_flood.pdf").write_bytes(flood)


def faults(program, folder, number, dice):
    """What is wrong with one run; and whether it was caught with a child."""
    ending = SIGNALS[number % len(SIGNALS)]
    report = folder.parent / "report.json"
    report.unlink(missing_ok=True)
    command = [program, "--check", "--format", "json", "--output", report, "--time-limit", "60",
               "--jobs", "4", folder]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    seen = set()
    has_child = wait_until(lambda: seen.update(children(run.pid)) or seen, 20)
    # From the fork on: before the child has started, while it reads, while it works.
    time.sleep(dice.choice((0, 0.001, 0.005, 0.02, 0.1, 0.4)) * dice.random())
    seen |= children(run.pid)
    run.send_signal(ending)
    wrong = []
    try:
        code = run.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()
        return [f"{ending.name} is not heeded within {PATIENCE} s"], has_child
    if not wait_until(lambda: not any(map(is_alive, seen | running(program))), PATIENCE):
        wrong.append(f"{ending.name} leaves processes behind: {seen | running(program)}")
    if ending == signal.SIGKILL:
        if report.exists():
            wrong.append("a report appeared that nobody finished")
        return wrong, has_child
    if code != 128 + ending:
        wrong.append(f"{ending.name} gives exit code {code}")
    try:
        whole = json.loads(report.read_bytes())
        if whole["summary"]["files"] != len(whole["files"]):
            wrong.append("the summary does not count the files reported")
    except (OSError, ValueError, KeyError) as error:
        wrong.append(f"{ending.name} leaves no whole report: {error}")
    return wrong, has_child


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("testdata", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=100)
    args = parser.parse_args()
    program = os.path.realpath(args.program)
    dice = random.Random(1)
    failed = caught = 0
    with tempfile.TemporaryDirectory() as folder:
        files = pathlib.Path(folder) / "in"
        files.mkdir()
        fill(files, args.testdata)
        for number in range(args.runs):
            wrong, has_child = faults(program, files, number, dice)
            caught += bool(has_child)
            failed += bool(wrong)
            for fault in wrong:
                print(f"run {number}: {fault}")
    print(f"{args.runs} runs, {caught} ended with a child at work, {failed} went wrong")
    sys.exit(1 if failed or caught < args.runs else 0)


if __name__ == "__main__":
    main()
