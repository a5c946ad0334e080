"""The package: the generated types, the wheel, and what it installs."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import typing
from pathlib import Path

import bankscreen
from bankscreen import _records

from conftest import PROJECT


def test_the_generated_records_are_current() -> None:
    script = PROJECT / "python" / "generate_records.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    generated = (PROJECT / "python" / "bankscreen" / "_records.py").read_bytes()
    installed = Path(str(_records.__file__)).read_bytes()
    assert installed == generated


def test_the_types_have_the_keys_of_the_schema() -> None:
    schema = json.loads(
        subprocess.run(
            [bankscreen.find_program(), "schema"], capture_output=True, check=True
        ).stdout
    )
    for name, record in {
        "file": _records.FileRecord,
        "case": _records.CaseRecord,
        "summary": _records.Summary,
        "answer": _records.Answer,
        "statement": _records.Statement,
    }.items():
        definition = schema["$defs"][name]
        assert set(typing.get_type_hints(record)) == set(definition["properties"]), name
        required = getattr(record, "__required_keys__")
        assert required == frozenset(definition["required"]), name


def test_the_wheel_needs_nothing_else() -> None:
    assert PROJECT not in Path(str(bankscreen.__file__)).parents
    distribution = importlib.metadata.distribution("bankscreen")
    assert distribution.requires is None
    files = {str(file) for file in distribution.files or ()}
    assert "bankscreen/py.typed" in files
    assert any(file.endswith("bin/bankscreen") for file in files)
    version = subprocess.run(
        [bankscreen.find_program(), "--version"], capture_output=True, text=True, check=True
    ).stdout
    assert distribution.version in version


def test_completions_and_the_manual_page_are_installed() -> None:
    share = Path(sys.prefix) / "share"
    for path, arguments in {
        "bash-completion/completions/bankscreen": ["completions", "bash"],
        "zsh/site-functions/_bankscreen": ["completions", "zsh"],
        "fish/vendor_completions.d/bankscreen.fish": ["completions", "fish"],
        "man/man1/bankscreen.1": ["man"],
    }.items():
        printed = subprocess.run(
            [bankscreen.find_program(), *arguments], capture_output=True, check=True
        ).stdout
        assert (share / path).read_bytes() == printed, path
