"""Finds the program that the wheel installs, and runs it."""

from __future__ import annotations

import collections
import os
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Optional, Union

from ._errors import ProgramNotFoundError

# A path as Python functions accept it.
AnyPath = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]

_NAME = "bankscreen"
# Lines of messages that are kept for an error.
_STDERR_LINES = 200
# Seconds that a process has to end in order before it is killed.
_END_SECONDS = 5.0


def find_program() -> str:
    """Returns the path of the program that was installed with this package.

    Raises ``ProgramNotFoundError`` if it is missing. Programs of the same name on ``PATH`` are not
    used: they could have another version.
    """
    package = Path(__file__).resolve().parent
    folders = [
        Path(sysconfig.get_path("scripts")),
        # pip install --user
        Path(sysconfig.get_path("scripts", _user_scheme())),
        # pip install --target and --prefix
        package.parent / "bin",
        package.parents[min(3, len(package.parents) - 1)] / "bin",
    ]
    for folder in folders:
        program = folder / _NAME
        if program.is_file():
            return str(program)
    searched = ", ".join(map(str, folders))
    raise ProgramNotFoundError(f"the program {_NAME} is in none of these folders: {searched}")


def _user_scheme() -> str:
    if sys.version_info >= (3, 10):
        return sysconfig.get_preferred_scheme("user")
    return "posix_user"


def start(program: Optional[AnyPath], arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Starts the program with pipes for all of its streams."""
    path = find_program() if program is None else os.fsdecode(program)
    try:
        return subprocess.Popen(
            [path, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Ctrl-C on a terminal interrupts Python only, which then ends the program.
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ProgramNotFoundError(f"the program {path} does not exist") from error


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process: in order if possible."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Messages:
    """Collects the last messages of a process, so that a full pipe never blocks it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._lines: collections.deque[bytes] = collections.deque(maxlen=_STDERR_LINES)
        self._thread = threading.Thread(
            target=self._collect, args=(stream,), name="bankscreen-messages", daemon=True
        )
        self._thread.start()

    def _collect(self, stream: IO[bytes]) -> None:
        with stream:
            self._lines.extend(stream)

    def text(self) -> str:
        """Waits for the end of the stream and returns the messages."""
        self._thread.join()
        return b"".join(self._lines).decode(errors="replace")
