#!/usr/bin/env python3
"""Scores `bankscreen --check` on a folder of PDFs with known truth.

Usage: measure.py PROGRAM CORPUS [--show KIND]...

CORPUS holds `truth.tsv` and `pdf/`. Truth is a majority of poppler, pdfium, MuPDF and qpdf, not of
people: where the program differs, look at the page before believing either. KIND is one of pages,
encryption, passwords, text, class; all disagreements of that kind are then listed.
"""

import argparse
import collections
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import time

# The truth's letters in the record's: full-page image, OCR layer, text without Unicode. Small
# images (i) and drawings (V) are V, or S where images cover 30 % of the page.
CLASSES = {"I": "S", "O": "O", "o": "O", "t": "U", "T": "T", "B": "B"}


def screen(program, corpus, passwords):
    """Runs the program over the corpus; returns records by file name, and the seconds taken."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        file.write("".join(f"{password}\n" for password in passwords))
        file.flush()
        command = [program, "--check", "--format", "ndjson", "--timings",
                   "--password-file", file.name, str(corpus / "pdf")]
        started = time.monotonic()
        run = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        seconds = time.monotonic() - started
    if run.returncode not in (0, 1):
        sys.exit(f"the program ended with {run.returncode}")
    records = [json.loads(line) for line in run.stdout.decode().splitlines()]
    return {pathlib.Path(r["path"]).name: r for r in records if r["type"] == "file"}, seconds


def near_misses(password):
    """Wrong passwords that a weak check might take. Old files read 32 bytes, no more."""
    short = len(password.encode()) < 32
    return [password[1:], password.swapcase(), *([password + "x"] if short else [])]


class Score:
    """Counts of one kind of question, and the answers that differ."""

    def __init__(self, kind):
        self.kind, self.asked, self.right, self.wrong = kind, 0, 0, []

    def judge(self, right, answer):
        self.asked += 1
        self.right += right
        if not right:
            self.wrong.append(answer)

    def row(self):
        share = 100 * self.right / max(self.asked, 1)
        return f"{self.kind:<12}{self.right:>8} of {self.asked:<8}{share:8.2f} %"


def expected_status(row, password_known):
    """`none`, `open`, or for a locked file whether a known password was among the candidates."""
    if row["encrypted"] == "password":
        return "unlocked" if password_known else "locked"
    return {"none": "none", "empty": "open"}[row["encrypted"]]


def judge_file(row, record, scores, tally):
    name = row["file"]
    pages = record["pages"]
    if row["pages"].isdigit():
        found = (record["document"] or {}).get("pages")
        locked = row["encrypted"] == "password" and not row["password"]
        if not locked:
            scores["pages"].judge(found == int(row["pages"]), (name, row["pages"], found))
    status = (record["encryption"] or {}).get("status")
    if row["encrypted"] in ("none", "empty", "password") and status is not None:
        expected = expected_status(row, bool(row["password"]))
        scores["encryption"].judge(status == expected, (name, expected, status))
    if row["password"]:
        scores["passwords"].judge(status == "unlocked", (name, row["password"], status))
    if not pages or row["classes"] in ("", "-"):
        return
    for number, (truth, found) in enumerate(zip(row["classes"], pages["map"]), 1):
        if truth == "?":
            continue
        tally[truth, found] += 1
        has_text = {"T": "T", "t": "U"}.get(truth, "")
        scores["text"].judge((found == "T") == (truth == "T") or found == has_text,
                             (name, number, truth, found))
        right = found in "VS" if truth in "iV" else found == CLASSES[truth]
        scores["class"].judge(right, (name, number, truth, found))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--show", action="append", default=[])
    args = parser.parse_args()
    with open(args.corpus / "truth.tsv", encoding="utf-8", newline="") as table:
        truth = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    known = sorted({row["password"] for row in truth if row["password"]})
    records, seconds = screen(args.program, args.corpus, known)
    wrong = sorted({near for right in known for near in near_misses(right)} - {*known, ""})
    fooled = [name for name, record in screen(args.program, args.corpus, wrong)[0].items()
              if (record["encryption"] or {}).get("status") == "unlocked"]
    scores = {kind: Score(kind) for kind in ("pages", "encryption", "passwords", "text", "class")}
    tally = collections.Counter()
    missing = [row["file"] for row in truth if row["file"] not in records]
    for row in truth:
        if row["file"] in records:
            judge_file(row, records[row["file"]], scores, tally)
    failed = [name for name, record in records.items()
              if any(f["code"] in ("INTERNAL_ERROR", "LIMIT_EXCEEDED") for f in record["findings"])]
    slowest = max(records.values(), key=lambda record: record["elapsed_ms"])
    print(f"{len(records)} files in {seconds:.2f} s; slowest {slowest['elapsed_ms']:.0f} ms "
          f"({pathlib.Path(slowest['path']).name}); {len(failed)} crashed or stopped at a limit; "
          f"{len(missing)} without a record")
    for score in scores.values():
        print(score.row())
    print(f"wrong passwords tried {len(wrong)}; files they opened {len(fooled)}")
    print("truth -> found: " + "  ".join(f"{t}{f} {n}" for (t, f), n in sorted(tally.items()) if
                                         CLASSES.get(t, "V") != f))
    for kind in args.show:
        for answer in scores[kind].wrong:
            print(kind, *answer, sep="\t")
    for name in failed + missing:
        print("failed", name, sep="\t")


if __name__ == "__main__":
    main()
