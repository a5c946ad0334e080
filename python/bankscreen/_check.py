"""Screens files and folders by one run of the program."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Literal, Optional, Union, cast

from ._errors import ProtocolError, error_of_exit
from ._options import Day, ScreeningOptions, path_text, value_flags
from ._program import AnyPath, Messages, end, start
from ._records import CaseRecord, FileRecord, Summary

# Exit codes of a complete run: all files passed, or some failed.
_COMPLETE = (0, 1)


class Check(Iterator[FileRecord]):
    """The records of a run, in the order of the files, as they become available.

    ``summary`` and ``cases`` are complete after the last record. At the end, the iterator raises a
    ``ProgramError`` if the run could not be done for every path; the records before it are valid.

    Several threads can share it; each record goes to one of them. Use it as a context manager, or
    call ``close``, to end a run early.
    """

    summary: Optional[Summary]
    cases: list[CaseRecord]

    def __init__(
        self, paths: Iterable[AnyPath], arguments: list[str], program: Optional[AnyPath]
    ) -> None:
        names = _joined(paths)
        self.summary = None
        self.cases = []
        self._lock = threading.Lock()
        self._is_finished = False
        self._is_closed = False
        if names is not None:
            arguments = [*arguments, "--null", "--files-from=-"]
        self._process = start(program, ["--check", "--format=ndjson", *arguments])
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._lines = self._process.stdout
        self._messages = Messages(self._process.stderr)
        try:
            with self._process.stdin as stdin:
                stdin.write(names or b"")
        except BrokenPipeError:
            # The program has ended; its exit code states why.
            pass
        except BaseException:
            self.close()
            raise

    def __next__(self) -> FileRecord:
        with self._lock:
            try:
                return self._next()
            except BaseException:
                # The end of the run, or Ctrl-C.
                self._end()
                raise

    def _next(self) -> FileRecord:
        while not self._is_finished:
            line = self._lines.readline()
            if not line:
                break
            try:
                record: dict[str, Any] = json.loads(line)
                kind = record["type"]
            except (ValueError, KeyError, TypeError) as error:
                text = f"unexpected output: {line[:200]!r}"
                raise ProtocolError(self._process.poll() or 0, text) from error
            if kind == "file":
                return cast(FileRecord, record)
            if kind == "case":
                self.cases.append(cast(CaseRecord, record))
            elif kind == "summary":
                self.summary = cast(Summary, record)
        if not self._is_finished:
            self._is_finished = True
            exit_code = self._process.wait()
            stderr = self._messages.text()
            if exit_code not in _COMPLETE and not self._is_closed:
                raise error_of_exit(exit_code, stderr)
        raise StopIteration

    def close(self) -> None:
        """Ends the run. Further records are dropped."""
        # Without the lock: another thread may wait for a record.
        self._is_closed = True
        end(self._process)
        with self._lock:
            self._end()

    def _end(self) -> None:
        self._is_finished = True
        end(self._process)
        self._lines.close()

    def __enter__(self) -> Check:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __del__(self) -> None:
        # A loop that ended early.
        if hasattr(self, "_process"):
            self._end()


def check(
    paths: Union[AnyPath, Iterable[AnyPath]] = (),
    *,
    manifest: Optional[AnyPath] = None,
    cases: Optional[Literal["folders", "manifest"]] = None,
    notes: Optional[AnyPath] = None,
    archive: bool = False,
    files_only: bool = False,
    state: bool = True,
    allow_empty: bool = False,
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
    program: Optional[AnyPath] = None,
) -> Check:
    """Screens files and folders, and returns an iterator over their records.

    ``paths`` is one path or several. The other arguments are those of ``bankscreen --check``; see
    its help. ``ledger=False`` is ``--no-ledger``, ``state=False`` is ``--no-state``. ``program`` is
    the path of another program than the one of this package.

    Files that fail are records with the verdict ``fail``. The iterator raises ``UsageError`` if the
    arguments are wrong or a path can't be read, and other errors of this package accordingly.
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
    values = {"manifest": path_text(manifest), "cases": cases, "notes": path_text(notes)}
    switches = {
        "archive": archive,
        "files-only": files_only,
        "no-state": not state,
        "allow-empty": allow_empty,
    }
    arguments = [
        *options.flags(),
        *value_flags(values),
        *(f"--{name}" for name, is_set in switches.items() if is_set),
    ]
    several = [paths] if isinstance(paths, (str, bytes, os.PathLike)) else paths
    return Check(several, arguments, program)


def _joined(paths: Iterable[AnyPath]) -> Optional[bytes]:
    """Returns paths as the program reads them from a pipe; ``None`` if there are none."""
    names = [os.fsencode(path) for path in paths]
    for name in names:
        if not name or b"\0" in name:
            raise ValueError(f"not a path: {name!r}")
    return b"\0".join(names) + b"\0" if names else None
