#!/usr/bin/env python3
"""Compares the CPU time of screening with hashing alone and with other PDF tools, on one thread.

    benches/compare/compare.py [--program target/release/bankscreen] [--rounds 5]

All contenders process the same files: 500 synthetic statements and 16 scans of 10 to 50 MB, which
the test file generator creates on first use. Every contender runs once per round, so that load on
the machine affects all of them equally. Ratios are computed per round, and their median is printed.
Times are CPU times (user and system), each measured in a separate process.

The contenders:

floor      Reads every file and computes its SHA-256 in one process (hashlib, which uses OpenSSL).
           Excludes the start of Python.
bankscreen Runs `--check --no-ledger --format ndjson --jobs 1` with output to /dev/null. Includes the
           complete records, SHA-256 and process start.
pypdfium2  Loads every page, scans its objects up to the first text, and extracts the text of page 1.
           Uses the raw C interface, because the Python objects would cost more than the work.
           Excludes start and import; computes neither hash nor record.
PyMuPDF    Lists the bounding boxes of the content of every page (get_bboxlog) and extracts the text
           of page 1. Excludes start and import; computes neither hash nor record.
ledger     The same with the transactions of all pages, the default of `--check`.
texts      pypdfium2 extracts the text of all pages. Compared with the ledger.
words      PyMuPDF extracts the words of all pages with their positions. Compared with the ledger.
shell      Runs pdfinfo, pdfimages -list, pdftotext -l 1 and qpdf --show-npages for each file of a
           sample. The cost of starting these programs is also printed separately.
"""

import argparse
import hashlib
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target"))
INPUTS = TARGET / "tmp" / "large"
VENV = TARGET / "compare" / "venv"
# Number of files for the shell pipeline, which starts four processes per file.
SHELL_SAMPLE = 40
SHELL = [
    ["pdfinfo", "{}"],
    ["pdfimages", "-list", "{}"],
    ["pdftotext", "-l", "1", "{}", "-"],
    ["qpdf", "--show-npages", "{}"],
]


# The contenders that run in this process. Each function returns a job over the given files.


def floor(files):
    def job():
        for file in files:
            with open(file, "rb", buffering=0) as opened:
                hashlib.sha256(opened.read()).hexdigest()

    return job


def pdfium(files):
    import pypdfium2
    import pypdfium2.raw as c

    def has_text(page):
        objects = c.FPDFPage_CountObjects(page)
        kinds = (c.FPDFPageObj_GetType(c.FPDFPage_GetObject(page, n)) for n in range(objects))
        return any(kind == c.FPDF_PAGEOBJ_TEXT for kind in kinds)

    def job():
        for file in files:
            document = pypdfium2.PdfDocument(file)
            for number in range(len(document)):
                page = document[number]
                has_text(page)
                if number == 0:
                    page.get_textpage().get_text_range()
                page.close()
            document.close()

    return job


def mupdf(files):
    import pymupdf

    def job():
        for file in files:
            with pymupdf.open(file) as document:
                for page in document:
                    page.get_bboxlog()
                document[0].get_text()

    return job


def pdfium_texts(files):
    import pypdfium2

    def job():
        for file in files:
            document = pypdfium2.PdfDocument(file)
            for number in range(len(document)):
                page = document[number]
                page.get_textpage().get_text_range()
                page.close()
            document.close()

    return job


def mupdf_words(files):
    import pymupdf

    def job():
        for file in files:
            with pymupdf.open(file) as document:
                for page in document:
                    page.get_text("words")

    return job


def worker(contender, listing):
    """Runs one job and prints its CPU seconds, without start and imports."""
    files = Path(listing).read_text().splitlines()
    jobs = [floor, pdfium, mupdf, pdfium_texts, mupdf_words]
    job = {job.__name__: job for job in jobs}[contender](files)
    before = time.process_time()
    job()
    print(time.process_time() - before)


# Measuring.


def in_process(python, contender, listing):
    command = [python, __file__, "--worker", contender, listing]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def children():
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def run_bankscreen(program, listing, jobs=1, ledger=False):
    """Returns CPU seconds and wall seconds of one run."""
    flags = ["--check", "--format", "ndjson", "--jobs", str(jobs)]
    if not ledger:
        flags.append("--no-ledger")
    command = [program, *flags, "--files-from", listing]
    before, started = children(), time.monotonic()
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    if done.returncode not in (0, 1):
        sys.exit(f"{program} failed with exit code {done.returncode}")
    return children() - before, time.monotonic() - started


def shell(files, start_only):
    """Returns the CPU seconds of the pipeline; `start_only` runs the programs without a file."""
    before = children()
    for file in files:
        for command in SHELL:
            version = "--version" if command[0] == "qpdf" else "-v"
            full = [part.format(file) for part in command]
            line = [command[0], version] if start_only else full
            subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return children() - before


def environment():
    """Returns a Python with the requirements, which is created on first use."""
    python = VENV / "bin" / "python"
    stamp = VENV / "requirements.txt"
    requirements = (HERE / "requirements.txt").read_text()
    if not stamp.exists() or stamp.read_text() != requirements:
        venv.create(VENV, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "-r", HERE / "requirements.txt"], check=True)
        stamp.write_text(requirements)
    return str(python)


def inputs():
    """Returns the file lists of statements and scans; generates the files on first use."""
    if not (INPUTS / "complete").exists():
        make = ["cargo", "run", "--quiet", "--example", "testdata", "--", "--large", INPUTS]
        subprocess.run(make, check=True, cwd=PROJECT)
        (INPUTS / "complete").touch()
    lists = {}
    for kind in ("statement", "scan"):
        files = sorted(str(file) for file in INPUTS.glob(f"{kind}-*.pdf"))
        lists[kind] = TARGET / "compare" / f"{kind}s.txt"
        lists[kind].parent.mkdir(parents=True, exist_ok=True)
        lists[kind].write_text("\n".join(files) + "\n")
    return lists


def machine():
    name = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.split(":", 1)[1].strip()
            break
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True
    ).stdout.strip()
    system = f"{platform.system()} {platform.release()}"
    return f"{name}, {os.cpu_count()} threads, {system}; commit {commit}"


def measure(python, program, listing, rounds, slow_rounds):
    """Returns the CPU seconds of each contender, one value per round."""
    names = ["floor", "bankscreen", "ledger", "pypdfium2", "texts", "PyMuPDF", "words"]
    seconds = {name: [] for name in names}
    for number in range(rounds):
        seconds["floor"].append(in_process(python, "floor", str(listing)))
        seconds["bankscreen"].append(run_bankscreen(program, str(listing))[0])
        seconds["ledger"].append(run_bankscreen(program, str(listing), ledger=True)[0])
        if number < slow_rounds:
            seconds["pypdfium2"].append(in_process(python, "pdfium", str(listing)))
            seconds["PyMuPDF"].append(in_process(python, "mupdf", str(listing)))
            seconds["texts"].append(in_process(python, "pdfium_texts", str(listing)))
            seconds["words"].append(in_process(python, "mupdf_words", str(listing)))
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return seconds


def print_table(title, listing, seconds):
    files = listing.read_text().split()
    size = sum(os.path.getsize(file) for file in files)
    print(f"\n{title}: {len(files)} files, {size / 1e6:.0f} MB\n")
    print("| | CPU seconds | relative to floor | to bankscreen | to its ledger |")
    print("| --- | ---: | ---: | ---: | ---: |")
    measured = {name: times for name, times in seconds.items() if times}
    for name, times in measured.items():
        relative = [
            statistics.median(a / b for a, b in zip(times, seconds[other]))
            for other in ("floor", "bankscreen", "ledger")
        ]
        columns = " | ".join(f"{ratio:.2f} x" for ratio in relative)
        print(f"| {name} | {statistics.median(times):.3f} | {columns} |")


def print_threads(program, listing, rounds):
    ratios = []
    for _ in range(rounds):
        ratios.append(run_bankscreen(program, str(listing), 1)[1] / run_bankscreen(program, str(listing), 2)[1])
    print(f"\nSpeed-up with two threads, wall time: {statistics.median(ratios):.2f}")


def print_shell(program, listing):
    missing = [command[0] for command in SHELL if not shutil.which(command[0])]
    if missing:
        print(f"\nShell pipeline not measured: {', '.join(missing)} not found")
        return
    files = listing.read_text().split()
    sample = files[:: max(1, len(files) // SHELL_SAMPLE)]
    total, start = shell(sample, start_only=False), shell(sample, start_only=True)
    sample_list = listing.with_name("sample.txt")
    sample_list.write_text("\n".join(sample) + "\n")
    bankscreen = run_bankscreen(program, str(sample_list))[0]
    per_file = 1000 / len(sample)
    print(f"\nShell pipeline, CPU ms per file over {len(sample)} statements: {total * per_file:.1f};")
    print(f"process start: {start * per_file:.1f}; bankscreen: {bankscreen * per_file:.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(TARGET / "release" / "bankscreen"))
    parser.add_argument("--rounds", type=int, default=5)
    slow = "number of rounds with pypdfium2 and PyMuPDF"
    parser.add_argument("--slow-rounds", type=int, default=3, help=slow)
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        worker(*args.worker)
        return
    if not Path(args.program).exists():
        build = "build it with `cargo build --release`, or set --program"
        sys.exit(f"{args.program} not found: {build}")
    python, lists = environment(), inputs()
    print(machine())
    titles = {"statement": "Statements", "scan": "Scans"}
    for kind, listing in lists.items():
        seconds = measure(python, args.program, listing, args.rounds, args.slow_rounds)
        print_table(titles[kind], listing, seconds)
    print_threads(args.program, lists["statement"], args.rounds)
    print_shell(args.program, lists["statement"])


if __name__ == "__main__":
    main()
