"""What all tests use: the test files of the project, and an empty environment."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import bankscreen
import pytest

PROJECT = Path(__file__).resolve().parents[2]
# Tools keep their caches here.
REAL_HOME = os.environ.get("HOME", "/")


@pytest.fixture(scope="session")
def testdata() -> Path:
    """The synthetic test files."""
    return PROJECT / "testdata"


@pytest.fixture(scope="session")
def statement(testdata: Path) -> bytes:
    """A statement that passes."""
    return (testdata / "banks" / "hdfc.pdf").read_bytes()


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hides the settings and the journal of the user."""
    for name in list(os.environ):
        if name.startswith(("BANKSCREEN_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def run_program(*arguments: str) -> list[str]:
    """Returns the lines that the program prints."""
    done = subprocess.run(
        [bankscreen.find_program(), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.splitlines()
