"""``bankscreen.check``: files and folders by one run of the program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import bankscreen
import pytest

from conftest import run_program


def compact(record: object) -> str:
    """Returns a record as the program writes it."""
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def test_records_equal_those_of_the_program_byte_for_byte(testdata: Path) -> None:
    folders = [testdata / name for name in ("banks", "encrypted", "pages", "structure", "traps")]
    lines = run_program("--check", "--format=ndjson", *map(str, folders))
    run = bankscreen.check(folders)
    records = list(run)
    assert len(records) > 50
    for record, line in zip(records, lines):
        # A second pass through json removes escapes that are written in two ways.
        assert compact(record) == compact(json.loads(line))
    assert run.summary == json.loads(lines[-1])
    assert len(records) == len(lines) - 1


def test_flags_have_the_effect_that_they_have_on_the_command_line(
    testdata: Path, tmp_path: Path
) -> None:
    passwords = testdata / "passwords.txt"
    path = testdata / "banks" / "hdfc.pdf"
    locked = testdata / "encrypted" / "user_aes_256_r6.pdf"
    assert [record["verdict"] for record in bankscreen.check(path)] == ["pass"]
    mismatch = next(bankscreen.check([path], bank="sbi"))
    assert [finding["code"] for finding in mismatch["findings"]] == ["BANK_NAME_MISMATCH"]
    noted = next(bankscreen.check(path, bank="sbi", ignore=["BANK_NAME_MISMATCH"]))
    assert noted["verdict"] == "pass"
    assert [record["verdict"] for record in bankscreen.check(locked)] == ["fail"]
    record = next(bankscreen.check(locked, password_file=passwords, ledger=False, timings=True))
    assert record["verdict"] == "pass"
    assert record["ledger"] is None
    assert record["elapsed_ms"] > 0
    out = next(bankscreen.check(path, from_date="2031-01-01", to_date="31/01/2031"))
    assert "OUT_OF_DATE_RANGE" in [finding["code"] for finding in out["findings"]]
    manifest = tmp_path / "m.csv"
    manifest.write_text(f"path,bank\n{path},sbi\n")
    assert next(bankscreen.check(manifest=manifest))["verdict"] == "fail"


def test_paths_of_any_kind_are_accepted(statement: bytes, tmp_path: Path) -> None:
    names = [b"plain.pdf", b"new\nline.pdf", b"-dash.pdf", "ह.pdf".encode(), b"\xff.pdf"]
    for name in names:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(statement)
    paths = [os.path.join(os.fsencode(tmp_path), name) for name in names]
    records = list(bankscreen.check((path for path in paths), files_only=True))
    assert [record["verdict"] for record in records] == ["pass"] * len(names)
    assert "path_bytes" in records[-1]
    with pytest.raises(ValueError, match="not a path"):
        bankscreen.check(["a\0b"])


def test_cases_have_their_own_records(statement: bytes, tmp_path: Path) -> None:
    for case in ("A", "B"):
        (tmp_path / case).mkdir()
        (tmp_path / case / "1.pdf").write_bytes(statement)
    run = bankscreen.check(tmp_path, cases="folders")
    assert [record["case"] for record in run] == ["A", "B"]
    assert [case["case"] for case in run.cases] == ["A", "B"]
    assert run.summary is not None
    assert run.summary["files"] == 2


def test_errors_are_exceptions_after_the_records(testdata: Path, tmp_path: Path) -> None:
    with pytest.raises(bankscreen.UsageError, match="unknown bank") as wrong:
        next(bankscreen.check(tmp_path, bank="hdf"))
    assert wrong.value.exit_code == 2
    with pytest.raises(bankscreen.UsageError):
        list(bankscreen.check([]))
    assert list(bankscreen.check(tmp_path, allow_empty=True)) == []
    run = bankscreen.check([testdata / "banks" / "hdfc.pdf", tmp_path / "missing.pdf"])
    assert next(run)["verdict"] == "pass"
    assert next(run)["verdict"] == "fail"
    with pytest.raises(bankscreen.UsageError, match=r"missing\.pdf"):
        next(run)
    assert list(run) == []
    with pytest.raises(bankscreen.ProgramNotFoundError):
        bankscreen.check(tmp_path, program=tmp_path / "none")


def many(statement: bytes, folder: Path, count: int = 400) -> Path:
    """Returns a folder with copies of a statement."""
    for number in range(count):
        (folder / f"{number}.pdf").write_bytes(statement)
    return folder


def test_a_run_can_be_ended_early(statement: bytes, tmp_path: Path) -> None:
    with bankscreen.check(many(statement, tmp_path), files_only=True, jobs=1) as run:
        assert next(run)["verdict"] == "pass"
    assert list(run) == []
    # Nothing is left behind, although this one is not closed explicitly.
    for record in bankscreen.check(tmp_path, files_only=True, jobs=1):
        assert record["verdict"] == "pass"
        break


def test_a_run_can_be_ended_by_another_thread(statement: bytes, tmp_path: Path) -> None:
    run = bankscreen.check(many(statement, tmp_path), files_only=True, jobs=1)
    next(run)
    timer = threading.Timer(0.05, run.close)
    timer.start()
    rest = sum(1 for _ in run)
    timer.join()
    assert rest < 399


def test_several_threads_share_a_run(statement: bytes, tmp_path: Path) -> None:
    run = bankscreen.check(many(statement, tmp_path, 60), files_only=True)
    paths: list[str] = []
    threads = [
        threading.Thread(target=lambda: paths.extend(record["path"] for record in run))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == len(set(paths)) == 60


def test_a_signal_to_the_program_is_an_error(statement: bytes, tmp_path: Path) -> None:
    run = bankscreen.check(many(statement, tmp_path), files_only=True, jobs=1)
    next(run)
    os.kill(run._process.pid, signal.SIGTERM)
    with pytest.raises(bankscreen.InterruptedRunError) as interrupted:
        list(run)
    assert interrupted.value.signal == signal.SIGTERM


def test_ctrl_c_ends_the_program(statement: bytes, tmp_path: Path) -> None:
    script = (
        "import bankscreen, signal, sys\n"
        # A shell starts programs in the background with this signal ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "run = bankscreen.check(sys.argv[1], files_only=True, jobs=1)\n"
        "print(run._process.pid, flush=True)\n"
        "for record in run: print(record['verdict'], flush=True)\n"
    )
    python = subprocess.Popen(
        [sys.executable, "-c", script, str(many(statement, tmp_path))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert python.stdout is not None
    pid = int(python.stdout.readline())
    python.stdout.readline()
    os.killpg(python.pid, signal.SIGINT)
    _, stderr = python.communicate(timeout=60)
    assert "KeyboardInterrupt" in stderr
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_the_module_runs_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bankscreen", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("bankscreen ")


def test_members_of_archives_are_screened(statement: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("april.pdf", statement)
    (record,) = bankscreen.check(tmp_path / "in.zip", archive=True)
    assert record["path"].endswith("in.zip!april.pdf")
    assert record["verdict"] == "pass"
