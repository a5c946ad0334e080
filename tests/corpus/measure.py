#!/usr/bin/env python3
"""Scores `bankscreen --check` on a folder of PDFs with known properties.

Usage: measure.py PROGRAM CORPUS [--show KIND]...

CORPUS contains `truth.tsv` and `pdf/`. The truth is the majority of poppler, pdfium, MuPDF and
qpdf, and was not checked manually. If the program disagrees, check the page before trusting either.
KIND is pages, encryption, passwords, text or class; --show lists all disagreements of that kind.
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

# Maps the page classes of the truth to those of the record: I full-page image, O and o OCR layer,
# t text without Unicode mapping. Small images (i) and drawings (V) correspond to V, or to S if images
# cover 30 % of the page.
CLASSES = {"I": "S", "O": "O", "o": "O", "t": "U", "T": "T", "B": "B"}


def screen(program, corpus, passwords):
    """Runs the program on the corpus; returns the records by file name, and the seconds taken."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        file.write("".join(f"{password}\n" for password in passwords))
        file.flush()
        command = [program, "--check", "--format", "ndjson", "--timings",
                   "--password-file", file.name, str(corpus / "pdf")]
        started = time.monotonic()
        run = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        seconds = time.monotonic() - started
    if run.returncode not in (0, 1):
        sys.exit(f"the program exited with {run.returncode}")
    records = [json.loads(line) for line in run.stdout.decode().splitlines()]
    return {pathlib.Path(r["path"]).name: r for r in records if r["type"] == "file"}, seconds


def near_misses(password):
    """Returns wrong passwords that a weak check might accept. Old files use only the first 32 bytes."""
    short = len(password.encode()) < 32
    return [password[1:], password.swapcase(), *([password + "x"] if short else [])]


class Score:
    """Counts the correct answers of one kind and collects the wrong ones."""

    def __init__(self, kind):
        self.kind, self.total, self.right, self.wrong = kind, 0, 0, []

    def add(self, right, answer):
        self.total += 1
        self.right += right
        if not right:
            self.wrong.append(answer)

    def row(self):
        share = 100 * self.right / max(self.total, 1)
        return f"{self.kind:<12}{self.right:>8} of {self.total:<8}{share:8.2f} %"


def expected_status(row, password_known):
    """Returns the expected encryption status; `unlocked` requires a known password."""
    if row["encrypted"] == "password":
        return "unlocked" if password_known else "locked"
    return {"none": "none", "empty": "open"}[row["encrypted"]]


def score_file(row, record, scores, tally):
    name = row["file"]
    pages = record["pages"]
    if row["pages"].isdigit():
        found = (record["document"] or {}).get("pages")
        locked = row["encrypted"] == "password" and not row["password"]
        if not locked:
            scores["pages"].add(found == int(row["pages"]), (name, row["pages"], found))
    status = (record["encryption"] or {}).get("status")
    if row["encrypted"] in ("none", "empty", "password") and status is not None:
        expected = expected_status(row, bool(row["password"]))
        scores["encryption"].add(status == expected, (name, expected, status))
    if row["password"]:
        scores["passwords"].add(status == "unlocked", (name, row["password"], status))
    if not pages or row["classes"] in ("", "-"):
        return
    for number, (truth, found) in enumerate(zip(row["classes"], pages["map"]), 1):
        if truth == "?":
            continue
        tally[truth, found] += 1
        has_text = {"T": "T", "t": "U"}.get(truth, "")
        scores["text"].add((found == "T") == (truth == "T") or found == has_text,
                             (name, number, truth, found))
        right = found in "VS" if truth in "iV" else found == CLASSES[truth]
        scores["class"].add(right, (name, number, truth, found))


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
    opened_by_wrong = [name for name, record in screen(args.program, args.corpus, wrong)[0].items()
              if (record["encryption"] or {}).get("status") == "unlocked"]
    scores = {kind: Score(kind) for kind in ("pages", "encryption", "passwords", "text", "class")}
    tally = collections.Counter()
    missing = [row["file"] for row in truth if row["file"] not in records]
    for row in truth:
        if row["file"] in records:
            score_file(row, records[row["file"]], scores, tally)
    failed = [name for name, record in records.items()
              if any(f["code"] in ("INTERNAL_ERROR", "LIMIT_EXCEEDED") for f in record["findings"])]
    slowest = max(records.values(), key=lambda record: record["elapsed_ms"])
    print(f"{len(records)} files in {seconds:.2f} s; slowest {slowest['elapsed_ms']:.0f} ms "
          f"({pathlib.Path(slowest['path']).name}); {len(failed)} with an internal error or exceeded limit; "
          f"{len(missing)} without a record")
    for score in scores.values():
        print(score.row())
    print(f"wrong passwords tried: {len(wrong)}; files opened by them: {len(opened_by_wrong)}")
    print("truth -> found: " + "  ".join(f"{t}{f} {n}" for (t, f), n in sorted(tally.items()) if
                                         CLASSES.get(t, "V") != f))
    for kind in args.show:
        for answer in scores[kind].wrong:
            print(kind, *answer, sep="\t")
    for name in failed + missing:
        print("failed", name, sep="\t")


if __name__ == "__main__":
    main()
