"""The examples on the guide's page about Python."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conftest import PROJECT

PAGES = [PROJECT / "src" / "guide" / "python.md", PROJECT / "python" / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_the_page_run(
    page: Path, testdata: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for source, name in [
        ("banks/hdfc.pdf", "inbox/april.pdf"),
        ("banks/sbi.pdf", "inbox/sbi.pdf"),
        ("encrypted/user_aes_256_r6.pdf", "locked.pdf"),
        ("passwords.txt", "pw.txt"),
    ]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(testdata / source, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert blocks
    # Blocks use names of those before them, as a reader would type them.
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page.name, "exec"), names)
