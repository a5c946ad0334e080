#!/usr/bin/env python3
"""Stops runs of `bankscreen --check` by signals at random moments and checks what they leave.

Usage: stop.py PROGRAM TESTDATA [--runs N] [--seed N]

Each run writes a report of a random format to standard output or to a file, and receives SIGINT,
SIGTERM or SIGHUP once, twice at the same time as from `timeout`, or another signal right behind it.
A JSON report must then be whole or absent, an ndjson report must end with a line, a file must be
whole or absent, and the exit code must be that of a complete run or 128 + one of the signals. No
other file may remain. Exits with 1 if a run violates this.
"""

import argparse
import collections
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FORMATS = ("json", "json", "ndjson", "sarif", "html", "csv")
COPIES = 30


def problem(report, format):
    """Returns what is wrong with a report, or None."""
    text = report.decode()
    if not text:
        return None
    try:
        if format in ("json", "sarif"):
            document = json.loads(text)
            if format == "json" and document["summary"]["files"] != len(document["files"]):
                return "the summary does not count the files"
        elif format == "ndjson":
            for line in text.splitlines():
                json.loads(line)
            if not text.endswith("\n"):
                return "the last line is not complete"
        elif format == "html" and not text.rstrip().endswith("</html>"):
            return "the page is cut off"
    except (ValueError, KeyError) as error:
        return f"{format}: {error}"
    return None


def run_once(program, folder, rng, longest):
    format = rng.choice(FORMATS)
    to_file = rng.random() < 0.5
    command = [program, "--check", "--format", format, "in"]
    if to_file:
        command += ["--output", "report"]
    sent = [rng.choice(SIGNALS)]
    if rng.random() < 0.6:
        sent.append(rng.choice([sent[0], *SIGNALS]))
    run = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(rng.random() * longest)
    for number in sent:
        run.send_signal(number)
    stdout, stderr = run.communicate(timeout=60)
    report = folder / "report"
    written = report.read_bytes() if to_file and report.exists() else stdout
    found = problem(written, format)
    report.unlink(missing_ok=True)
    left = [path.name for path in folder.iterdir() if path.name != "in"]
    # Before the program watches for signals, the signal itself ends it: a negative number.
    allowed = {0, 1, *(128 + number for number in sent), *(-number for number in sent)}
    if run.returncode not in allowed:
        found = f"exit code {run.returncode}: {stderr.decode()}"
    if left:
        found = f"files remain: {left}"
    return found and f"{' '.join(command[1:])} stopped by {sent}: {found}", run.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("testdata", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    program, rng = str(args.program.resolve()), random.Random(args.seed)
    problems, codes = [], collections.Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "in").mkdir()
        statements = sorted((args.testdata / "banks").glob("*.pdf"))
        for number in range(COPIES):
            for statement in statements:
                shutil.copy(statement, folder / "in" / f"{number}_{statement.name}")
        started = time.monotonic()
        subprocess.run([program, "--check", "in"], cwd=folder, stdout=subprocess.DEVNULL)
        longest = time.monotonic() - started
        for _ in range(args.runs):
            found, code = run_once(program, folder, rng, longest)
            codes[code] += 1
            if found:
                problems.append(found)
    print(f"{args.runs} runs, exit codes {dict(sorted(codes.items()))}, {len(problems)} problems")
    print("\n".join(problems[:20]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
