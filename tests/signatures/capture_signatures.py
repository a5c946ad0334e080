"""A pytest plugin that stores what pyHanko's tests judge: documents with signatures, and verdicts.

In a checkout of MatthiasValvekens/pyHanko, with the requirements of its tests installed:

    cd pkgs/pyhanko/tests
    export PYTHONPATH=PROJECT/tests/signatures:../../../internal/common-test-utils/src
    CAPTURE=FOLDER python -m pytest -p capture_signatures test_diff_analysis.py test_signing.py \\
        test_pades.py test_cms.py test_seed_values.py test_sign_encrypted.py test_pdfmac.py \\
        test_fields.py test_key_usage_constraints.py

FOLDER gets one PDF per document, named by its digest, and records.ndjson with one line per test. A
verdict that a passing test asserts is what the suite documents; suites.py compares it.
"""

import hashlib
import json
import os
from pathlib import Path

import pytest
from pyhanko.sign.validation import generic_cms, pdf_embedded

FOLDER = Path(os.environ["CAPTURE"])
FOLDER.mkdir(parents=True, exist_ok=True)
VERDICTS = []


def document_of(signature):
    """Stores the document of a signature, and returns its name."""
    stream = signature.reader.stream
    position = stream.tell()
    stream.seek(0)
    content = stream.read()
    stream.seek(position)
    name = hashlib.sha256(content).hexdigest()[:16]
    (FOLDER / f"{name}.pdf").write_bytes(content)
    return name


def position_of(signature):
    """Returns the position of a signature among those of its file, in the order of the file."""
    def offset(found):
        return found.byte_range[1] if len(found.byte_range) > 1 else 0

    found = sorted(signature.reader.embedded_signatures, key=offset)
    names = [one.field_name for one in found]
    return names.index(signature.field_name)


def level_of(signature):
    """Returns the level of the changes after a signature; `None` if they were not judged."""
    result = signature.diff_result
    if result is None:
        return None
    level = getattr(result, "modification_level", None)
    # A suspicious change is an exception without a level.
    return level.name if level is not None else "OTHER"


def summarise(signature, *arguments, **options):
    summary = SUMMARISE(signature, *arguments, **options)
    VERDICTS.append({
        "document": document_of(signature),
        "signature": position_of(signature),
        "level": level_of(signature),
        "intact": None,
        "valid": None,
    })
    return summary


def check(*arguments, **options):
    """Adds what the cryptographic check, which follows, has found."""
    intact, valid = CHECK(*arguments, **options)
    if VERDICTS and VERDICTS[-1]["intact"] is None:
        VERDICTS[-1].update(intact=intact, valid=valid)
    return intact, valid


SUMMARISE = pdf_embedded.EmbeddedPdfSignature.summarise_integrity_info
CHECK = generic_cms.validate_sig_integrity
pdf_embedded.EmbeddedPdfSignature.summarise_integrity_info = summarise
generic_cms.validate_sig_integrity = check


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    if call.when == "call":
        record = {
            "test": item.nodeid,
            "line": item.location[1] + 1,
            "passed": call.excinfo is None,
            "verdicts": list(VERDICTS),
        }
        with open(FOLDER / "records.ndjson", "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
    VERDICTS.clear()
    yield
