"""The examples for Spark and Airflow, without Spark and Airflow, and their types."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import bankscreen
import pytest

from conftest import PROJECT, REAL_HOME

STAND_INS = Path(__file__).parent / "stand_ins"
SPARK = PROJECT / "examples" / "spark" / "partition.py"
AIRFLOW = PROJECT / "examples" / "airflow" / "screen_inbox.py"


def load(path: Path) -> ModuleType:
    """Imports an example."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_partition_of_spark_has_a_row_per_file(testdata: Path) -> None:
    paths = sorted((testdata / "banks").glob("*.pdf"))
    files = [{"path": f"file:{path}", "content": bytearray(path.read_bytes())} for path in paths]
    partition = load(SPARK)
    rows = list(partition.screen_partition({"bank": "hdfc"})(iter(files)))
    expected = list(bankscreen.check(paths, files_only=True, bank="hdfc"))
    assert len(rows) == len(expected)
    for row, record in zip(rows, expected):
        assert row[0] == f"file:{record['path']}"
        assert row[3] == record["verdict"]
        assert json.loads(row[-1]) == {**record, "path": row[0]}
    assert list(partition.screen_partition({})(iter([]))) == []


def test_the_dag_of_airflow_sorts_an_inbox(
    testdata: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for source, name in [
        ("banks/hdfc.pdf", "a.pdf"),
        ("banks/sbi.pdf", "b.pdf"),
        ("pages/scan_jpeg.pdf", "c.pdf"),
    ]:
        shutil.copy(testdata / source, inbox / name)
    monkeypatch.syspath_prepend(str(STAND_INS))
    monkeypatch.setenv("STATEMENTS_INBOX", str(inbox))
    monkeypatch.setenv("STATEMENTS_BATCH", "2")
    load(AIRFLOW)
    results = dict(sys.modules["airflow.sdk"].results)
    assert [len(batch) for batch in results["find_batches"]] == [2, 1]
    assert results["sort"] == {"pass": 2, "warn": 0, "fail": 1}
    assert sorted(path.name for path in (inbox / "pass").iterdir()) == ["a.pdf", "b.pdf"]
    assert [path.name for path in (inbox / "fail").iterdir()] == ["c.pdf"]

    (inbox / "d.pdf").write_bytes(b"")
    monkeypatch.setenv("STATEMENTS_PASSWORDS", "none.txt")
    with pytest.raises(Exception, match=r"none\.txt") as failed:
        load(AIRFLOW)
    assert type(failed.value).__name__ == "AirflowFailException"


CHECKED = ["bankscreen", "generate_records.py", str(SPARK), str(AIRFLOW)]


@pytest.mark.parametrize("checker", [["mypy", "tests"], ["pyright"]])
def test_the_types_of_package_and_examples_are_complete(checker: list[str]) -> None:
    if sys.version_info < (3, 10):
        pytest.skip("mypy requires a newer Python; pyright checks for the oldest one")
    done = subprocess.run(
        [sys.executable, "-m", *checker, *CHECKED],
        capture_output=True,
        text=True,
        cwd=PROJECT / "python",
        env={**os.environ, "HOME": REAL_HOME},
    )
    assert done.returncode == 0, done.stdout + done.stderr
