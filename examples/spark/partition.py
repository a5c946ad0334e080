"""Screens one partition of a table of PDF files. This part of the example needs no Spark."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import bankscreen

# A row of the table, in the order of the columns of SCHEMA in screen.py.
Row = tuple[object, ...]


def row(record: bankscreen.FileRecord) -> Row:
    """Converts one record to a row."""
    bank, statement, pages = record["bank"], record["statement"], record["pages"]
    return (
        record["path"],
        record["sha256"],
        record["bytes"],
        record["verdict"],
        [finding["code"] for finding in record["findings"]],
        [
            (
                finding["code"],
                finding["severity"],
                finding["message"],
                finding["hint"],
                finding["pages"],
            )
            for finding in record["findings"]
        ],
        bank["id"] if bank else None,
        bank["confidence"] if bank else None,
        statement["from"] if statement else None,
        statement["to"] if statement else None,
        statement["account"] if statement else None,
        pages["map"] if pages else None,
        json.dumps(record),
    )


def screen_partition(options: Mapping[str, Any]) -> Callable[[Iterable[Any]], Iterator[Row]]:
    """Returns a function that screens one partition of rows with path and content.

    ``options`` are keyword arguments of ``bankscreen.Screener``. An engine runs one task per core,
    so each process has one screening thread.
    """

    def screen(files: Iterable[Any]) -> Iterator[Row]:
        pairs = ((file["path"], bytes(file["content"])) for file in files)
        arguments: dict[str, Any] = {"jobs": 1, **options}
        with bankscreen.Screener(**arguments) as screener:
            yield from map(row, screener.map(pairs))

    return screen
