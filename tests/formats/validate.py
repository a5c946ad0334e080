#!/usr/bin/env python3
"""Validates reports against published schemas: SARIF, JUnit (Jenkins), the JSON Schema of the
program. Also checks the HTML report in a browser (`page.py`).

    tests/formats/validate.py PROGRAM [PATH]...

Screens PATHs (default: testdata) and uploads some files to a sandbox. Requires `npm`, `pip` and
access to their registries: the schemas are extracted from packages, and the validators are
installed into a temporary environment. If `chromium` is not installed, the page is not checked.
Exits with 1 if a report is invalid.
"""

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

# Packages that contain a schema, with a pinned version, and the path of the schema in the package.
SARIF = ("@microsoft/jest-sarif@1.0.0-beta.0", "package/lib/schemas/sarif-2.1.0-rtm.5.json")
JUNIT = ("pytest==8.4.2", "pytest-8.4.2/testing/example_scripts/junit-10.xsd")
AXE = ("axe-core@4.14.1", "package/axe.min.js")
VALIDATORS = ["jsonschema==4.26.0", "rfc3987-syntax==1.1.0", "xmlschema==4.1.0"]
BROWSER_DRIVER = "playwright==1.65.2"

# Run by the Python of the temporary environment.
CHECK = """
import json, sys
kind, schema, report = sys.argv[1:]
if kind == "junit":
    import xmlschema
    errors = [str(e) for e in xmlschema.XMLSchema(schema).iter_errors(report)]
else:
    import jsonschema
    schema = json.load(open(schema))
    check = jsonschema.validators.validator_for(schema)
    check.check_schema(schema)
    checker = check(schema, format_checker=check.FORMAT_CHECKER)
    lines = open(report).read().splitlines() if kind == "ndjson" else [open(report).read()]
    errors = [f"{e.json_path}: {e.message}" for line in lines for e in checker.iter_errors(json.loads(line))]
print("\\n".join(errors[:20]))
sys.exit(bool(errors))
"""


def run(*command, **options):
    """Runs a command that must succeed and returns its standard output."""
    command = [str(word) for word in command]
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def unpack(archive, member, folder):
    """Extracts one file from a package."""
    with tarfile.open(archive) as package:
        path = folder / Path(member).name
        path.write_bytes(package.extractfile(member).read())
    return path


def schemas(folder, python):
    """Downloads the published schemas and returns their paths."""
    name = run("npm", "pack", "--silent", SARIF[0], cwd=folder).strip().splitlines()[-1]
    sarif = unpack(folder / name, SARIF[1], folder)
    # Only the source distribution contains the schema; the package is not built.
    run(python, "-m", "pip", "install", "-q", "setuptools", "setuptools_scm", "wheel")
    run(python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:",
        "--no-build-isolation", "-d", folder, JUNIT[0])
    return sarif, unpack(next(folder.glob("pytest-*.tar.gz")), JUNIT[1], folder)


def report(program, folder, name, arguments):
    """Writes a report and returns its path. Exit code 1 is expected: some files fail."""
    path = folder / name
    done = subprocess.run([program, *arguments, "--output", path], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{program} {' '.join(map(str, arguments))}: {done.stderr}")
    return path


def axe(folder, python):
    """Downloads the accessibility checker and the driver of the browser; returns the checker."""
    run(python, "-m", "pip", "install", "-q", BROWSER_DRIVER)
    name = run("npm", "pack", "--silent", AXE[0], cwd=folder).strip().splitlines()[-1]
    return unpack(folder / name, AXE[1], folder)


def main():
    program = Path(sys.argv[1]).resolve()
    root = Path(__file__).resolve().parents[2]
    paths = [Path(path).resolve() for path in sys.argv[2:]] or [root / "testdata"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv/bin/python"
        sarif, junit = schemas(folder, python)
        run(python, "-m", "pip", "install", "-q", *VALIDATORS)
        checker = axe(folder, python) if shutil.which("chromium") else None
        record = folder / "record.json"
        record.write_text(run(program, "schema"))
        calls = {
            "check": ["--check", "--timings", "--from", "2024-01-01", "--to", "2024-06-30", *paths],
            "all": ["--check", *paths],
            "upload": ["--sandbox", "upload", "--from", "2024-01-01", "--to", "2024-09-30",
                       root / "testdata/banks", root / "testdata/pages"],
        }
        failed = 0
        for call, arguments in calls.items():
            for kind, schema in [("sarif", sarif), ("junit", junit), ("json", record),
                                 ("ndjson", record)]:
                path = report(program, folder, f"{call}.{kind}", [*arguments, "--format", kind])
                done = subprocess.run([python, "-c", CHECK, kind, schema, path],
                                      capture_output=True, text=True)
                failed += bool(done.returncode)
                print(f"{call:8} {kind:8} {'INVALID' if done.returncode else 'valid'}"
                      f"  {path.stat().st_size} bytes")
                print(done.stdout.strip() + done.stderr.strip(), end="")
            page = report(program, folder, f"{call}.html", [*arguments, "--format", "html"])
            if checker:
                done = subprocess.run([python, root / "tests/formats/page.py", page, checker],
                                      capture_output=True, text=True)
                failed += bool(done.returncode)
                print(f"{call:8} html     {'PROBLEMS' if done.returncode else 'no problem in a browser'}")
                print(done.stdout + done.stderr, end="")
            else:
                print(f"{call:8} html     not checked: chromium is not installed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
