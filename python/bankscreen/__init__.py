"""Screens bank statement PDFs before they are uploaded to FinBox BankConnect.

``check`` screens files and folders, ``check_bytes`` screens one file from memory, and ``Screener``
keeps one process for many files from memory. Records are dictionaries, equal to the JSON of the
program, which this package contains::

    import bankscreen

    for record in bankscreen.check("inbox"):
        print(record["path"], record["verdict"])
"""

from ._check import Check, check
from ._errors import (
    BankscreenError,
    ClosedError,
    InterruptedRunError,
    ProgramError,
    ProgramNotFoundError,
    ProtocolError,
    RequestError,
    UnavailableError,
    UsageError,
)
from ._program import find_program
from ._records import CaseRecord, FileRecord, Finding, Summary
from ._screener import Screener, check_bytes

# What an iteration over ``check`` yields.
Record = FileRecord

__all__ = [
    "BankscreenError",
    "CaseRecord",
    "Check",
    "ClosedError",
    "FileRecord",
    "Finding",
    "InterruptedRunError",
    "ProgramError",
    "ProgramNotFoundError",
    "ProtocolError",
    "Record",
    "RequestError",
    "Screener",
    "Summary",
    "UnavailableError",
    "UsageError",
    "check",
    "check_bytes",
    "find_program",
]
