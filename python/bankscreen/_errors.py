"""Errors of the package. A file that fails screening is a record, never an error."""

from __future__ import annotations

import signal as signals
from typing import Optional

# Exit codes of the program, as its guide documents them.
_NOT_DONE = 2
_UNAVAILABLE = 75
_FIRST_SIGNAL = 128


class BankscreenError(Exception):
    """The base of all errors of this package."""


class ProgramNotFoundError(BankscreenError):
    """The program is not installed beside this package."""


class RequestError(BankscreenError):
    """A ``Screener`` rejected one file, for example because its bank is unknown.

    Other files are not affected.
    """

    def __init__(self, message: str, hint: Optional[str]) -> None:
        super().__init__(message if hint is None else f"{message}; {hint}")
        self.message = message
        self.hint = hint


class ClosedError(BankscreenError):
    """The ``Screener`` was closed before it had screened the file."""


class ProgramError(BankscreenError):
    """The program ended early.

    ``exit_code`` is its exit code, negative for a signal that killed it. ``stderr`` is the end of
    its messages.
    """

    def __init__(self, exit_code: int, stderr: str) -> None:
        super().__init__(stderr.strip() or f"bankscreen exited with {exit_code}")
        self.exit_code = exit_code
        self.stderr = stderr


class UsageError(ProgramError):
    """The run could not be done: wrong arguments, an unreadable path, or no file (exit code 2)."""


class UnavailableError(ProgramError):
    """Something is not available now; the same call may succeed later (exit code 75)."""


class InterruptedRunError(ProgramError):
    """A signal ended the program. ``signal`` is its number."""

    def __init__(self, exit_code: int, stderr: str) -> None:
        super().__init__(exit_code, stderr)
        self.signal = -exit_code if exit_code < 0 else exit_code - _FIRST_SIGNAL


class ProtocolError(ProgramError):
    """The program printed something that is not a record, or ended without an error."""


def error_of_exit(exit_code: int, stderr: str) -> ProgramError:
    """Returns the error that an exit code stands for."""
    if exit_code == _NOT_DONE:
        return UsageError(exit_code, stderr)
    if exit_code == _UNAVAILABLE:
        return UnavailableError(exit_code, stderr)
    if exit_code < 0 or exit_code - _FIRST_SIGNAL in set(signals.Signals):
        return InterruptedRunError(exit_code, stderr)
    return ProtocolError(exit_code, stderr)
