#!/usr/bin/env python3
"""Compares screening with the cost of the bytes and with what else does the job, on one thread.

    benches/compare/compare.py [--program target/release/bankscreen] [--rounds 5]

All contenders get the same files: 500 synthetic statements, and 16 scans of 10 to 50 MB, made by
the generator of the test files on first use. In each round every contender runs once, so that a
busy machine slows them alike; ratios are those of one round, and the median of all rounds is
printed. Times are CPU time, user and system together, each in a process of its own.

What each does:

floor      reads every file and takes its SHA-256, in one process (hashlib, which is OpenSSL).
           Python's own start is not counted; ours is.
bankscreen `--check --format ndjson --jobs 1`: the whole record, SHA-256 and start of the process
           included, written to /dev/null.
pypdfium2  loads every page and looks at its objects until it meets text; takes the text of
           page 1. By the plain C interface, as its Python objects would cost more than the work.
           Neither hash nor record; start and import are not counted.
PyMuPDF    takes the bounding boxes of what every page shows (get_bboxlog), and the text of page 1.
           Neither hash nor record; start and import are not counted.
shell      pdfinfo, pdfimages -list, pdftotext -l 1 and qpdf --show-npages for each file, on a
           sample, with what it costs to start these programs for nothing shown apart.
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
# Files given to the shell pipeline: it takes four processes a file.
SHELL_SAMPLE = 40
SHELL = [
    ["pdfinfo", "{}"],
    ["pdfimages", "-list", "{}"],
    ["pdftotext", "-l", "1", "{}", "-"],
    ["qpdf", "--show-npages", "{}"],
]


# The contenders that run in this process: each gives the whole job on some files, to be called.


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


def worker(contender, listing):
    """Does one job and prints the CPU seconds that it took, without start and imports."""
    files = Path(listing).read_text().splitlines()
    jobs = {"floor": floor, "pdfium": pdfium, "mupdf": mupdf}
    job = jobs[contender](files)
    before = time.process_time()
    job()
    print(time.process_time() - before)


# What measures them.


def in_process(python, contender, listing):
    command = [python, __file__, "--worker", contender, listing]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def children():
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def ours(program, listing, jobs=1):
    """CPU seconds and wall seconds of one run."""
    flags = ["--check", "--format", "ndjson", "--jobs", str(jobs)]
    command = [program, *flags, "--files-from", listing]
    before, started = children(), time.monotonic()
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    if done.returncode not in (0, 1):
        sys.exit(f"{program} could not do its job: exit {done.returncode}")
    return children() - before, time.monotonic() - started


def shell(files, of_nothing):
    """CPU seconds of the pipeline; `of_nothing` starts the programs without a file to read."""
    before = children()
    for file in files:
        for command in SHELL:
            version = "--version" if command[0] == "qpdf" else "-v"
            whole = [part.format(file) for part in command]
            line = [command[0], version] if of_nothing else whole
            subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return children() - before


def environment():
    """A Python with the requirements, made on first use."""
    python = VENV / "bin" / "python"
    stamp = VENV / "requirements.txt"
    wanted = (HERE / "requirements.txt").read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(VENV, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "-r", HERE / "requirements.txt"], check=True)
        stamp.write_text(wanted)
    return str(python)


def inputs():
    """Lists of the files: statements, scans."""
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
    """CPU seconds of each contender, a list each, in order of the rounds."""
    seconds = {"floor": [], "bankscreen": [], "pypdfium2": [], "PyMuPDF": []}
    for number in range(rounds):
        seconds["floor"].append(in_process(python, "floor", str(listing)))
        seconds["bankscreen"].append(ours(program, str(listing))[0])
        if number < slow_rounds:
            seconds["pypdfium2"].append(in_process(python, "pdfium", str(listing)))
            seconds["PyMuPDF"].append(in_process(python, "mupdf", str(listing)))
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return seconds


def print_table(title, listing, seconds):
    files = listing.read_text().split()
    size = sum(os.path.getsize(file) for file in files)
    print(f"\n{title}: {len(files)} files, {size / 1e6:.0f} MB\n")
    print("| | CPU seconds | against the floor | against bankscreen |")
    print("| --- | ---: | ---: | ---: |")
    measured = {name: own for name, own in seconds.items() if own}
    for name, own in measured.items():
        to_floor = statistics.median(a / b for a, b in zip(own, seconds["floor"]))
        to_ours = statistics.median(a / b for a, b in zip(own, seconds["bankscreen"]))
        print(f"| {name} | {statistics.median(own):.3f} | {to_floor:.2f} x | {to_ours:.2f} x |")


def print_threads(program, listing, rounds):
    ratios = []
    for _ in range(rounds):
        ratios.append(ours(program, str(listing), 1)[1] / ours(program, str(listing), 2)[1])
    print(f"\nTwo threads against one, wall time: {statistics.median(ratios):.2f} times faster")


def print_shell(program, listing):
    missing = [command[0] for command in SHELL if not shutil.which(command[0])]
    if missing:
        print(f"\nThe shell pipeline is not measured: {', '.join(missing)} not found")
        return
    files = listing.read_text().split()
    sample = files[:: max(1, len(files) // SHELL_SAMPLE)]
    whole, start = shell(sample, False), shell(sample, True)
    some = listing.with_name("sample.txt")
    some.write_text("\n".join(sample) + "\n")
    own = ours(program, str(some))[0]
    each = 1000 / len(sample)
    print(f"\nShell pipeline, CPU ms a file over {len(sample)} statements: {whole * each:.1f},")
    print(f"of which starting the programs takes {start * each:.1f}; bankscreen: {own * each:.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(TARGET / "release" / "bankscreen"))
    parser.add_argument("--rounds", type=int, default=5)
    slow = "rounds with pypdfium2 and PyMuPDF"
    parser.add_argument("--slow-rounds", type=int, default=3, help=slow)
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        worker(*args.worker)
        return
    if not Path(args.program).exists():
        build = "build it with `cargo build --release`, or name another by --program"
        sys.exit(f"there is no {args.program}: {build}")
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
