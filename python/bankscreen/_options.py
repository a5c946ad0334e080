"""Keyword arguments as flags of the program."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional, Union

from ._program import AnyPath

# A day: a date, or text as DD/MM/YYYY or YYYY-MM-DD.
Day = Union[str, datetime.date]


@dataclass(frozen=True)
class ScreeningOptions:
    """What files are screened by. The names are those of the flags."""

    bank: Optional[str] = None
    password_file: Optional[AnyPath] = None
    applicant: Optional[AnyPath] = None
    from_date: Optional[Day] = None
    to_date: Optional[Day] = None
    strict: bool = False
    strict_originals: bool = False
    ignore: Iterable[str] = ()
    error: Iterable[str] = ()
    ledger: bool = True
    jobs: Optional[int] = None
    max_file_size: Optional[Union[int, str]] = None
    max_pages: Optional[int] = None
    time_limit: Optional[float] = None
    timings: bool = False

    def flags(self) -> list[str]:
        """Returns the flags of the program."""
        values: dict[str, Optional[str]] = {
            "bank": self.bank,
            "password-file": path_text(self.password_file),
            "applicant": path_text(self.applicant),
            "from": day_text(self.from_date),
            "to": day_text(self.to_date),
            "ignore": codes_text(self.ignore),
            "error": codes_text(self.error),
            "jobs": number_text(self.jobs),
            "max-file-size": number_text(self.max_file_size),
            "max-pages": number_text(self.max_pages),
            "time-limit": number_text(self.time_limit),
        }
        switches = {
            "strict": self.strict,
            "strict-originals": self.strict_originals,
            "no-ledger": not self.ledger,
            "timings": self.timings,
        }
        return [
            *value_flags(values),
            *(f"--{name}" for name, is_set in switches.items() if is_set),
        ]


def value_flags(values: dict[str, Optional[str]]) -> list[str]:
    """Returns the flags that have a value, each as one argument."""
    return [f"--{name}={value}" for name, value in values.items() if value is not None]


def path_text(path: Optional[AnyPath]) -> Optional[str]:
    """Returns a path as text that a process can be started with."""
    return None if path is None else os.fsdecode(path)


def day_text(day: Optional[Day]) -> Optional[str]:
    """Returns a day as the program reads it."""
    if isinstance(day, datetime.datetime):
        day = day.date()
    return day.isoformat() if isinstance(day, datetime.date) else day


def codes_text(codes: Iterable[str]) -> Optional[str]:
    """Returns codes as one value; ``None`` if there are none."""
    codes = [codes] if isinstance(codes, str) else codes
    return ",".join(codes) or None


def number_text(number: Union[None, int, float, str]) -> Optional[str]:
    """Returns a number as text."""
    return None if number is None else str(number)
