#!/usr/bin/env python3
"""Kills runs of `bankscreen --check` at random moments and checks that nothing is left behind.

Usage: kill.py PROGRAM TESTDATA [--runs N]. No other process may run the program meanwhile.

Each run screens good files and files that need the isolated process. It is ended by SIGKILL,
SIGTERM or SIGINT while a child is running. The run must end within seconds and no child may survive
it. After SIGTERM and SIGINT, the report must be complete and the exit code 128 + signal. Exits with
1 if a run violates this.
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
# Seconds within which the program, and then its children, must exit.
TIMEOUT = 5


def children(parent):
    """Returns the IDs of the children of all threads of a process."""
    found = set()
    for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            found.update(int(pid) for pid in task.read_text().split())
        except OSError:
            pass
    return found


def is_alive(pid):
    """Returns whether a process is running; a zombie is not."""
    try:
        return ") Z " not in pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def running(program):
    """Returns all processes of the program, including children started since the last check."""
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
    """Writes good files and slow ones, each of which occupies an isolated process until its deadline."""
    good = sorted((testdata / "banks").glob("*.pdf"))
    for number, path in enumerate(good):
        shutil.copy(path, folder / f"{number:02}_good.pdf")
        if number % 4 == 0:
            slow = b"%PDF-1.4\n%" + str(number).encode() + b"\n" + b"1 0 obj ( endobj\n" * 200_000
            (folder / f"{number:02}_slow.pdf").write_bytes(slow)


def kill_one_run(program, folder, number, dice):
    """Returns the problems of one run, and whether it had a child when it was killed."""
    sent = SIGNALS[number % len(SIGNALS)]
    report = folder.parent / "report.json"
    report.unlink(missing_ok=True)
    command = [program, "--check", "--format", "json", "--output", report, "--time-limit", "60",
               "--jobs", "4", folder]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    seen = set()
    has_child = wait_until(lambda: seen.update(children(run.pid)) or seen, 20)
    # Covers all phases of the child: before exec, while it reads the request, while it works.
    time.sleep(dice.choice((0, 0.001, 0.005, 0.02, 0.1, 0.4)) * dice.random())
    seen |= children(run.pid)
    run.send_signal(sent)
    problems = []
    try:
        code = run.wait(TIMEOUT)
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()
        return [f"{sent.name} does not end the run within {TIMEOUT} s"], has_child
    if not wait_until(lambda: not any(map(is_alive, seen | running(program))), TIMEOUT):
        problems.append(f"{sent.name} leaves processes running: {seen | running(program)}")
    if sent == signal.SIGKILL:
        if report.exists():
            problems.append("an incomplete report exists")
        return problems, has_child
    if code != 128 + sent:
        problems.append(f"{sent.name} gives exit code {code}")
    try:
        loaded = json.loads(report.read_bytes())
        if loaded["summary"]["files"] != len(loaded["files"]):
            problems.append("the summary disagrees with the number of files")
    except (OSError, ValueError, KeyError) as error:
        problems.append(f"{sent.name} leaves no complete report: {error}")
    return problems, has_child


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("testdata", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=100)
    args = parser.parse_args()
    program = os.path.realpath(args.program)
    dice = random.Random(1)
    failed = with_child = 0
    with tempfile.TemporaryDirectory() as folder:
        files = pathlib.Path(folder) / "in"
        files.mkdir()
        fill(files, args.testdata)
        for number in range(args.runs):
            problems, has_child = kill_one_run(program, files, number, dice)
            with_child += bool(has_child)
            failed += bool(problems)
            for problem in problems:
                print(f"run {number}: {problem}")
    print(f"{args.runs} runs, {with_child} killed while a child was running, {failed} with problems")
    sys.exit(1 if failed or with_child < args.runs else 0)


if __name__ == "__main__":
    main()
