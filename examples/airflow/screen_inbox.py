"""An Airflow DAG that screens new statements of an inbox and sorts them by verdict.

The wheel of bankscreen must be installed in the Python environment of the workers. Set the variables
below in the environment of the workers, and copy this file into the folder of the DAGs.

Files that fail are results, not failures of a task. A task fails for good if the run can't be done
(UsageError), and is retried if it was interrupted, for example by a restart of the worker.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypedDict

import bankscreen
from airflow.exceptions import AirflowFailException
from airflow.sdk import dag, task

INBOX = Path(os.environ.get("STATEMENTS_INBOX", "/srv/inbox"))
PASSWORDS = os.environ.get("STATEMENTS_PASSWORDS")
# Files per task. Tasks run at the same time on several workers.
BATCH = int(os.environ.get("STATEMENTS_BATCH", "500"))


class Screened(TypedDict):
    """What a task passes on: paths and codes, no content of a statement."""

    path: str
    verdict: str
    codes: list[str]


@dag(schedule="*/10 * * * *", catchup=False, max_active_runs=1)
def screen_inbox() -> None:
    """Screens what is in the inbox, and moves each file to the folder of its verdict."""

    @task()
    def find_batches() -> list[list[str]]:
        paths = sorted(str(path) for path in INBOX.glob("*.pdf"))
        return [paths[start : start + BATCH] for start in range(0, len(paths), BATCH)]

    @task(retries=3)
    def screen(paths: list[str]) -> list[Screened]:
        try:
            with bankscreen.check(paths, password_file=PASSWORDS, files_only=True) as records:
                return [
                    {
                        "path": record["path"],
                        "verdict": record["verdict"],
                        "codes": [finding["code"] for finding in record["findings"]],
                    }
                    for record in records
                ]
        except bankscreen.UsageError as error:
            raise AirflowFailException(str(error)) from error

    @task()
    def sort(batches: list[list[Screened]]) -> dict[str, int]:
        counts = {"pass": 0, "warn": 0, "fail": 0}
        for screened in (screened for batch in batches for screened in batch):
            path, folder = Path(screened["path"]), INBOX / screened["verdict"]
            folder.mkdir(exist_ok=True)
            path.rename(folder / path.name)
            counts[screened["verdict"]] += 1
        return counts

    sort(screen.expand(paths=find_batches()))


screen_inbox()
