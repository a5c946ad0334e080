"""``bankscreen.Screener``: files from memory, in one long-lived process."""

from __future__ import annotations

import concurrent.futures
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Union

import bankscreen
import pytest

from conftest import run_program
from test_check import compact


def test_records_equal_those_of_the_program(testdata: Path) -> None:
    folders = [testdata / name for name in ("banks", "pages")]
    lines = run_program("--check", "--files-only", "--format=ndjson", *map(str, folders))
    with bankscreen.Screener() as screener:
        for record in bankscreen.check(folders, files_only=True):
            path = record["path"]
            served = screener.check_bytes(path, Path(path).read_bytes())
            assert compact(served) == compact(record)
            assert compact(served) in lines or "\\u" in "".join(lines)


def test_one_file_from_memory(statement: bytes) -> None:
    record = bankscreen.check_bytes("april.pdf", statement, bank="hdfc")
    assert (record["path"], record["verdict"]) == ("april.pdf", "pass")
    for data in (bytearray(statement), memoryview(statement)):
        assert bankscreen.check_bytes("april.pdf", data, bank="hdfc") == record
    with pytest.raises(bankscreen.UsageError, match="unknown bank"):
        bankscreen.check_bytes("april.pdf", statement, bank="hdf")


def test_bank_and_case_belong_to_one_file(statement: bytes) -> None:
    with bankscreen.Screener(bank="hdfc") as screener:
        other = screener.check_bytes("a", statement, bank="sbi", case="C 1")
        assert (other["verdict"], other["case"]) == ("fail", "C 1")
        own = screener.check_bytes("b", statement)
        assert (own["verdict"], own["case"]) == ("pass", None)
        with pytest.raises(bankscreen.RequestError, match="hdf: unknown bank") as rejected:
            screener.check_bytes("c", statement, bank="hdf")
        assert rejected.value.hint is not None
        # The process continues.
        assert screener.check_bytes("d", statement)["verdict"] == "pass"


def test_names_are_any_text_and_wrong_ones_disturb_nothing(statement: bytes) -> None:
    names: list[tuple[Union[str, bytes, Path], str]] = [
        ("ह\n\u202e\"\\.pdf", "ह\n\u202e\"\\.pdf"),
        ("\udcff.pdf", "\ufffd.pdf"),
        (b"\xff.pdf", "\ufffd.pdf"),
        (Path("a") / "b.pdf", "a/b.pdf"),
        ("", ""),
    ]
    with bankscreen.Screener() as screener:
        for name, shown in names:
            assert screener.check_bytes(name, statement)["path"] == shown
        for _ in range(50):
            with pytest.raises(ValueError, match="too long"):
                screener.submit("x" * 70_000, statement)
            with pytest.raises(TypeError):
                screener.submit(7, statement)  # type: ignore[arg-type]
            with pytest.raises(TypeError):
                screener.submit("a", "text")  # type: ignore[arg-type]
        assert screener.check_bytes("a", b"")["verdict"] == "fail"


def test_many_threads_share_one_process(testdata: Path) -> None:
    paths = sorted((testdata / "banks").glob("*.pdf"))
    with bankscreen.Screener(max_in_flight=3) as screener:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            records = list(
                pool.map(lambda path: screener.check_bytes(str(path), path.read_bytes()), paths * 3)
            )
    assert [record["path"] for record in records] == [str(path) for path in paths * 3]
    expected = {record["path"]: record for record in bankscreen.check(paths, files_only=True)}
    assert all(record == expected[record["path"]] for record in records)


def test_map_reads_ahead_by_a_bounded_number(statement: bytes) -> None:
    taken = 0

    def files() -> Iterator[tuple[str, bytes]]:
        nonlocal taken
        for number in range(200):
            taken += 1
            yield f"{number}.pdf", statement

    with bankscreen.Screener(max_in_flight=4) as screener:
        records = screener.map(files())
        for number in range(50):
            assert next(records)["path"] == f"{number}.pdf"
            assert taken <= number + 6
        # The rest is not read.
    assert taken < 60


def test_submit_waits_while_too_many_files_are_in_flight(statement: bytes) -> None:
    with bankscreen.Screener(max_in_flight=2, jobs=1) as screener:
        process = screener._process
        os.kill(process.pid, signal.SIGSTOP)
        futures = [screener.submit("a", statement) for _ in range(2)]
        third: list[concurrent.futures.Future[bankscreen.FileRecord]] = []
        thread = threading.Thread(target=lambda: third.append(screener.submit("b", statement)))
        thread.start()
        time.sleep(0.2)
        assert not third
        os.kill(process.pid, signal.SIGCONT)
        thread.join()
        assert [future.result()["verdict"] for future in [*futures, *third]] == ["pass"] * 3


def test_a_cancelled_file_does_not_disturb_the_others(statement: bytes) -> None:
    with bankscreen.Screener(jobs=1) as screener:
        process = screener._process
        os.kill(process.pid, signal.SIGSTOP)
        first = screener.submit("a", statement)
        second = screener.submit("b", statement)
        assert first.cancel()
        with pytest.raises(concurrent.futures.TimeoutError):
            screener.check_bytes("c", statement, timeout=0.05)
        os.kill(process.pid, signal.SIGCONT)
        assert second.result()["path"] == "b"
        assert screener.check_bytes("d", statement)["path"] == "d"


def test_closing_waits_and_cancelling_does_not(statement: bytes) -> None:
    screener = bankscreen.Screener(jobs=1)
    futures = [screener.submit(str(number), statement) for number in range(4)]
    screener.close()
    assert [future.result()["path"] for future in futures] == ["0", "1", "2", "3"]
    with pytest.raises(bankscreen.ClosedError):
        screener.submit("a", statement)
    screener.close()

    screener = bankscreen.Screener(jobs=1)
    process = screener._process
    screener.check_bytes("a", statement)
    futures = [screener.submit(str(number), statement) for number in range(4)]
    screener.cancel()
    assert process.poll() is not None
    assert any(future.cancelled() for future in futures) or all(f.done() for f in futures)
    with pytest.raises(bankscreen.ClosedError):
        screener.submit("a", statement)


def test_an_error_in_the_block_cancels(statement: bytes) -> None:
    with pytest.raises(KeyError):
        with bankscreen.Screener() as screener:
            screener.submit("a", statement)
            raise KeyError
    with pytest.raises(bankscreen.ClosedError):
        screener.submit("a", statement)


def test_a_process_that_ends_fails_what_is_in_flight_and_what_waits(statement: bytes) -> None:
    screener = bankscreen.Screener(max_in_flight=1)
    process = screener._process
    os.kill(process.pid, signal.SIGSTOP)
    future = screener.submit("a", statement)
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            screener.check_bytes("b", statement)
        except bankscreen.BankscreenError as error:
            errors.append(error)

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(bankscreen.InterruptedRunError) as killed:
        future.result()
    assert killed.value.signal == signal.SIGKILL
    for thread in threads:
        thread.join()
    assert [type(error) for error in errors] == [bankscreen.InterruptedRunError] * 3
    screener.close()


def test_wrong_arguments_are_raised_by_the_first_file(statement: bytes) -> None:
    with bankscreen.Screener(password_file="none.txt") as screener:
        with pytest.raises(bankscreen.UsageError, match=r"none\.txt"):
            screener.check_bytes("a", statement)
    with pytest.raises(ValueError, match="max_in_flight"):
        bankscreen.Screener(max_in_flight=0)


def test_a_forked_child_does_not_keep_the_process(statement: bytes) -> None:
    screener = bankscreen.Screener(jobs=1)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            screener.submit("a", statement)
            os.write(write, b"sent")
        except RuntimeError:
            os.write(write, b"rejected")
        time.sleep(30)
        os._exit(0)
    assert os.read(read, 20) == b"rejected"
    assert screener.check_bytes("a", statement)["verdict"] == "pass"
    began = time.monotonic()
    screener.close()
    assert time.monotonic() - began < 10
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(read)
    os.close(write)
