#!/usr/bin/env python3
"""Damages healthy PDFs in six ways and counts how many the program reads and reports as damaged.

Usage: damage.py PROGRAM CORPUS [--files N]

CORPUS contains `truth.tsv` and `pdf/`. Installed peers (qpdf, mutool, pdfinfo) are measured too.
"Read" means that at least one page was read. "Noticed" means a DAMAGED_PDF finding or an unreadable
file.
"""

import argparse
import csv
import json
import pathlib
import random
import shutil
import subprocess
import tempfile

PEERS = {
    "qpdf": ["qpdf", "--show-npages"],
    "mutool": ["mutool", "info"],
    "poppler": ["pdfinfo"],
}


def flip(data, seed):
    data = bytearray(data)
    for _ in range(20):
        data[seed.randrange(len(data))] = seed.randrange(256)
    return bytes(data)


def insert(data, seed):
    offset = seed.randrange(20, max(21, len(data) // 2))
    return data[:offset] + b"\n% inserted \n" + data[offset:]


DAMAGES = {
    "cut at 50 %": lambda data, _: data[: len(data) // 2],
    "cut at 90 %": lambda data, _: data[: len(data) * 9 // 10],
    "last 40 bytes lost": lambda data, _: data[:-40],
    "LF to CRLF": lambda data, _: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "13 bytes inserted": insert,
    "20 random bytes": flip,
}


def records(program, folder):
    command = [program, "--check", "--format", "ndjson", str(folder)]
    run = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    lines = [json.loads(line) for line in run.stdout.decode().splitlines()]
    return [line for line in lines if line["type"] == "file"]


def is_read(record):
    return record["document"] is not None


def is_noticed(record):
    codes = {finding["code"] for finding in record["findings"]}
    return record["document"] is None or "DAMAGED_PDF" in codes


def peer_reads(command, path):
    try:
        run = subprocess.run([*command, path], capture_output=True, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return False
    output = run.stdout.decode(errors="replace")
    if command[0] == "qpdf":
        return output.strip().isdigit() and int(output) > 0
    pages = [line for line in output.splitlines() if line.startswith("Pages:")]
    return any(line.split()[1] != "0" for line in pages)


def qpdf_finds_nothing(path):
    """Returns whether `qpdf --check` reports neither warnings nor errors."""
    return subprocess.run(["qpdf", "--check", path], capture_output=True, check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--files", type=int, default=100)
    args = parser.parse_args()
    with open(args.corpus / "truth.tsv", encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    healthy = [r for r in rows if r["encrypted"] == "none" and r["pages"].isdigit()
             and "?" not in r["classes"]]
    noticed_names = {pathlib.Path(r["path"]).name for r in records(args.program, args.corpus / "pdf")
              if is_noticed(r)}
    reported = [row["file"] for row in healthy if row["file"] in noticed_names]
    false_alarms = [name for name in reported if qpdf_finds_nothing(args.corpus / "pdf" / name)]
    print(f"reported as damaged: {len(reported)} of {len(healthy)} files on which all peers agree "
          f"({100 * len(reported) / len(healthy):.1f} %); qpdf finds no problem in {len(false_alarms)} of them")
    seed = random.Random(7)
    candidates = [row["file"] for row in healthy if row["file"] not in noticed_names]
    chosen = seed.sample(sorted(candidates), min(args.files, len(candidates)))
    peers = {name: command for name, command in PEERS.items() if shutil.which(command[0])}
    print(f"{'damage':<22}{'read':>6}{'noticed':>9}  " + "".join(f"{n:>9}" for n in peers))
    for damage, change in DAMAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for name in chosen:
                data = (args.corpus / "pdf" / name).read_bytes()
                path = pathlib.Path(folder) / name
                path.write_bytes(change(data, seed))
                paths.append(path)
            found = records(args.program, folder)
            read, noticed = sum(map(is_read, found)), sum(map(is_noticed, found))
            others = [sum(peer_reads(command, path) for path in paths)
                      for command in peers.values()]
        print(f"{damage:<22}{read:>6}{noticed:>9}  " + "".join(f"{n:>9}" for n in others),
              flush=True)


if __name__ == "__main__":
    main()
