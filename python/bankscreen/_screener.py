"""One long-lived process that screens files from memory."""

from __future__ import annotations

import collections
import itertools
import json
import os
import struct
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from types import TracebackType
from typing import IO, Any, Optional, Union, cast

from ._errors import BankscreenError, ClosedError, ProtocolError, RequestError, error_of_exit
from ._options import Day, ScreeningOptions
from ._program import AnyPath, Messages, end, start
from ._records import FileRecord

# Below the limit of the program, with room for the id.
_MAX_HEADER_BYTES = 65_000
_CLOSED = "the Screener is closed"

# The content of a file.
Data = Union[bytes, bytearray, memoryview]


class Screener:
    """Screens files from memory in one process that keeps running. Each file is judged by itself.

    All methods can be called by several threads at the same time. At most ``max_in_flight`` files
    are with the process at a time (default: two per screening thread, and two more); further calls
    wait. Use it as a context manager, or call ``close``.

    After ``os.fork``, a ``Screener`` belongs to the parent process: the child creates its own.
    """

    def __init__(
        self,
        *,
        bank: Optional[str] = None,
        password_file: Optional[AnyPath] = None,
        applicant: Optional[AnyPath] = None,
        from_date: Optional[Day] = None,
        to_date: Optional[Day] = None,
        strict: bool = False,
        strict_originals: bool = False,
        ignore: Iterable[str] = (),
        error: Iterable[str] = (),
        ledger: bool = True,
        jobs: Optional[int] = None,
        max_file_size: Optional[Union[int, str]] = None,
        max_pages: Optional[int] = None,
        time_limit: Optional[float] = None,
        timings: bool = False,
        max_in_flight: Optional[int] = None,
        program: Optional[AnyPath] = None,
    ) -> None:
        """Starts the process. The arguments are those of ``check``.

        Wrong arguments are raised as ``UsageError`` by the first file.
        """
        options = ScreeningOptions(
            bank=bank,
            password_file=password_file,
            applicant=applicant,
            from_date=from_date,
            to_date=to_date,
            strict=strict,
            strict_originals=strict_originals,
            ignore=ignore,
            error=error,
            ledger=ledger,
            jobs=jobs,
            max_file_size=max_file_size,
            max_pages=max_pages,
            time_limit=time_limit,
            timings=timings,
        )
        if max_in_flight is None:
            max_in_flight = 2 * (jobs or os.cpu_count() or 1) + 2
        if max_in_flight < 1:
            raise ValueError("max_in_flight must be at least 1")
        self._max_in_flight = max_in_flight
        self._slots = threading.Semaphore(max_in_flight)
        self._pid = os.getpid()
        # Guards the members below; never held while something blocks.
        self._state_lock = threading.Lock()
        self._pending: dict[int, Future[FileRecord]] = {}
        self._ids = itertools.count()
        self._is_closed = False
        self._is_cancelled = False
        # Creates the error of every later request, once the process has ended.
        self._failure: Optional[Callable[[], BankscreenError]] = None
        # Held while a frame is written.
        self._write_lock = threading.Lock()
        self._process = start(program, ["--serve-stdio", *options.flags()])
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._requests = self._process.stdin
        self._messages = Messages(self._process.stderr)
        self._reader = threading.Thread(
            target=self._read_answers,
            args=(self._process.stdout,),
            name="bankscreen-answers",
            daemon=True,
        )
        self._reader.start()
        _request_streams.add(self._requests)

    def check_bytes(
        self,
        name: AnyPath,
        data: Data,
        *,
        bank: Optional[str] = None,
        case: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> FileRecord:
        """Screens one file and returns its record; ``name`` is its ``path``.

        ``bank`` is the bank that the file must be from, ``case`` is stored in the record. Raises
        ``RequestError`` if one of them can't be used, a ``ProgramError`` if the process ended, and
        ``concurrent.futures.TimeoutError`` after ``timeout`` seconds.
        """
        future = self.submit(name, data, bank=bank, case=case)
        try:
            return future.result(timeout)
        finally:
            # Without effect on a result; otherwise the answer is dropped when it arrives.
            future.cancel()

    def submit(
        self, name: AnyPath, data: Data, *, bank: Optional[str] = None, case: Optional[str] = None
    ) -> Future[FileRecord]:
        """Sends one file and returns the future of its record. Waits while too many are in flight.

        Cancelling the future drops the answer. The file keeps its place until it is answered.
        """
        if os.getpid() != self._pid:
            raise RuntimeError("a Screener belongs to the process that created it")
        view = memoryview(data).cast("B")
        # Everything that can be wrong is found here: a malformed header would end the process.
        header: dict[str, Union[str, int]] = {"name": _text(name), "bytes": view.nbytes}
        if bank is not None:
            header["bank"] = _text(bank)
        if case is not None:
            header["case"] = _text(case)
        if len(json.dumps(header)) > _MAX_HEADER_BYTES:
            raise ValueError("the name is too long")
        self._slots.acquire()
        future: Future[FileRecord] = Future()
        with self._state_lock:
            if self._is_closed or self._failure is not None:
                self._slots.release()
                raise self._failure() if self._failure else ClosedError(_CLOSED)
            number = next(self._ids)
            self._pending[number] = future
        self._send(json.dumps({"id": number, **header}).encode(), view)
        return future

    def map(
        self, files: Iterable[tuple[AnyPath, Data]], *, bank: Optional[str] = None
    ) -> Iterator[FileRecord]:
        """Screens pairs of name and content, and yields their records in the same order.

        Reads ahead by at most ``max_in_flight`` files, so ``files`` can be a generator over any
        number. Ending the iteration early drops the files in flight.
        """
        ahead: collections.deque[Future[FileRecord]] = collections.deque()
        try:
            for name, data in files:
                while len(ahead) >= self._max_in_flight or (ahead and ahead[0].done()):
                    yield ahead.popleft().result()
                ahead.append(self.submit(name, data, bank=bank))
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()

    def close(self) -> None:
        """Waits for the files in flight, then ends the process."""
        if os.getpid() != self._pid:
            # The locks may be held by threads that exist in the parent process only.
            return
        with self._state_lock:
            self._is_closed = True
        with self._write_lock:
            self._close_requests()
        self._reader.join()

    def cancel(self) -> None:
        """Ends the process at once. Futures without a result are cancelled."""
        if os.getpid() != self._pid:
            return
        with self._state_lock:
            self._is_closed = True
            self._is_cancelled = True
        end(self._process)
        self._reader.join()
        with self._write_lock:
            self._close_requests()

    def __enter__(self) -> Screener:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.cancel()

    def _send(self, header: bytes, data: memoryview) -> None:
        try:
            with self._write_lock:
                self._requests.write(struct.pack(">I", len(header)) + header)
                self._requests.write(data)
                self._requests.flush()
        except (OSError, ValueError):
            # The process has ended, or the stream was closed: the reader sets the error.
            self._reader.join()
        except BaseException:
            # Ctrl-C in the middle of a frame: what follows would be misread.
            self.cancel()
            raise

    def _close_requests(self) -> None:
        try:
            self._requests.close()
        except OSError:
            # The process did not read what was left.
            pass

    def _read_answers(self, answers: IO[bytes]) -> None:
        failure: Optional[BankscreenError] = None
        with answers:
            for line in answers:
                try:
                    answer: dict[str, Any] = json.loads(line)
                    number = answer.pop("id")
                    self._settle(number, answer)
                except (ValueError, KeyError, TypeError, AttributeError):
                    failure = ProtocolError(0, f"unexpected output: {line[:200]!r}")
                    break
        if failure is not None:
            end(self._process)
        exit_code = self._process.wait()
        stderr = self._messages.text()
        with self._state_lock:
            is_cancelled = self._is_cancelled
            if failure is None and exit_code != 0 and not is_cancelled:
                failure = error_of_exit(exit_code, stderr)
            self._failure = _repeated(failure or ClosedError(_CLOSED))
            pending = list(self._pending.values())
            self._pending.clear()
        for future in pending:
            if is_cancelled:
                future.cancel()
            elif future.set_running_or_notify_cancel():
                future.set_exception(self._failure())
            self._slots.release()
        # A thread that waits for a place raises the error, and lets the next one do so.
        self._slots.release()

    def _settle(self, number: int, answer: dict[str, Any]) -> None:
        with self._state_lock:
            future = self._pending.pop(number)
        self._slots.release()
        if not future.set_running_or_notify_cancel():
            return
        if answer["type"] == "file":
            future.set_result(cast(FileRecord, answer))
        else:
            future.set_exception(RequestError(answer["message"], answer["hint"]))


def check_bytes(
    name: AnyPath,
    data: Data,
    *,
    bank: Optional[str] = None,
    password_file: Optional[AnyPath] = None,
    applicant: Optional[AnyPath] = None,
    from_date: Optional[Day] = None,
    to_date: Optional[Day] = None,
    strict: bool = False,
    strict_originals: bool = False,
    ignore: Iterable[str] = (),
    error: Iterable[str] = (),
    ledger: bool = True,
    max_file_size: Optional[Union[int, str]] = None,
    max_pages: Optional[int] = None,
    time_limit: Optional[float] = None,
    timings: bool = False,
    timeout: Optional[float] = None,
    program: Optional[AnyPath] = None,
) -> FileRecord:
    """Screens one file from memory and returns its record; ``name`` is its ``path``.

    Starts a process for this file. For several files, use one ``Screener``. The other arguments
    are those of ``check``; ``timeout`` is the time in seconds that the call may take.
    """
    with Screener(
        bank=bank,
        password_file=password_file,
        applicant=applicant,
        from_date=from_date,
        to_date=to_date,
        strict=strict,
        strict_originals=strict_originals,
        ignore=ignore,
        error=error,
        ledger=ledger,
        jobs=1,
        max_file_size=max_file_size,
        max_pages=max_pages,
        time_limit=time_limit,
        timings=timings,
        program=program,
    ) as screener:
        return screener.check_bytes(name, data, timeout=timeout)


def _text(value: AnyPath) -> str:
    """Returns text as the program can read it: bytes that are not UTF-8 are replaced."""
    return os.fsencode(value).decode(errors="replace")


def _repeated(error: BankscreenError) -> Callable[[], BankscreenError]:
    """Returns a function that creates equal errors: each thread raises its own."""

    def create() -> BankscreenError:
        copy = type(error).__new__(type(error), *error.args)
        copy.__dict__.update(error.__dict__)
        return copy

    return create


# The standard input of every process that runs.
_request_streams: weakref.WeakSet[IO[bytes]] = weakref.WeakSet()


def _release_in_child() -> None:
    """Gives up the pipes of the parent's processes, which otherwise would never see their end."""
    for stream in list(_request_streams):
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            # The descriptor stays valid for the object that will close it.
            os.dup2(null, stream.fileno(), inheritable=False)
        except ValueError:
            # It is closed already.
            pass
        finally:
            os.close(null)


os.register_at_fork(after_in_child=_release_in_child)
