#!/usr/bin/env python3
"""Compares the verdicts on signatures with those that public test suites document.

    tests/signatures/suites.py PROGRAM SUITE=FOLDER ... [--captured FOLDER] [--all]

The suites are those of suites.tsv: `pyhanko` (MatthiasValvekens/pyHanko), `dss` (esig/dss) and
`pdf.js` (mozilla/pdf.js). FOLDER is a checkout; nothing of it is copied. Files that a checkout
lacks are counted. `--captured` adds the documents that pyHanko's own tests make and judge while
they run; see capture_signatures.py.

Every file is screened twice: with the default trust, and with all certificates of its signatures as
trust anchors, because a visible further signature counts only if its signer is known. The openssl
program reads the certificates. A signature agrees with its row of suites.tsv if

- `valid` or `broken` is the status, and
- after `none`, only signatures, timestamps or validation data were added (by a known signer), and
  after `changed`, the coverage is `changed-after` in both runs, or the signature is broken.

`-` is not documented. A changed file that can't be read any more is rejected, too. Signatures of
kinds that are not supported, and files encrypted for certificates, are counted apart. A row with a
reason is a known difference, which is listed and counted apart, too. Exits with 0 if at least 98 %
of the supported signatures agree or have a reason, no attack is accepted, and no screening fails.
"""

import argparse
import collections
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

EXPECTATIONS = Path(__file__).with_name("suites.tsv")
SHARE = 0.98
# Passwords of the files that pyHanko's tests encrypt.
PASSWORDS = "ownersecret\nusersecret\nsecret\n"
# Codes of a screening that did not come to an end.
FAILURES = {"INTERNAL_ERROR", "LIMIT_EXCEEDED"}
# Encryption for certificates, which no password opens.
CERTIFICATES = "Adobe.PubSec"
# The code of a file without a page that can be read.
UNREADABLE = "INVALID_FILE_OBJECT"

Row = collections.namedtuple("Row", "suite file signature status changes attack source reason")


def read_expectations():
    with open(EXPECTATIONS, encoding="utf-8") as file:
        lines = (line for line in file if not line.startswith("#"))
        return [Row(**row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def find_files(rows, folders):
    """Returns the paths of the files, and those that are missing."""
    found, missing = {}, set()
    for suite, folder in folders.items():
        names = {row.file for row in rows if row.suite == suite}
        paths = {path.as_posix(): path for path in Path(folder).rglob("*")}
        for name in names:
            matches = [path for text, path in paths.items() if text.endswith("/" + name)]
            if matches:
                found[suite, name] = min(matches, key=lambda path: len(str(path)))
            else:
                missing.add((suite, name))
    return found, missing


def certificates(path):
    """Returns the certificates of all signatures of a file in PEM."""
    data = path.read_bytes()
    blocks = []
    for match in re.finditer(rb"/Contents\s*<([0-9A-Fa-f\s]{400,})>", data):
        digits = re.sub(rb"\s", b"", match[1])
        container = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
        for command in (["pkcs7", "-print_certs"], ["cms", "-cmsout", "-certsout", "/dev/stdout"]):
            call = ["openssl", command[0], "-inform", "DER", *command[1:]]
            output = subprocess.run(call, input=container, capture_output=True).stdout
            texts = re.findall(rb"-----BEGIN CERT.*?-----END CERTIFICATE-----", output, re.DOTALL)
            if texts:
                blocks += texts
                break
    return list(dict.fromkeys(blocks))


def screen(program, paths, anchors):
    """Returns the records of files by path, with certificates in PEM as trust anchors."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "bankscreen" / "trust_anchors"
        config.mkdir(parents=True)
        for number, anchor in enumerate(anchors):
            (config / f"{number}.pem").write_bytes(anchor + b"\n")
        listed = Path(folder) / "files"
        listed.write_bytes(b"\0".join(os.fsencode(path) for path in paths))
        passwords = Path(folder) / "passwords"
        passwords.write_text(PASSWORDS)
        passwords.chmod(0o600)
        call = [program, "--check", "--files-only", "--no-state", "--format", "ndjson",
                "--files-from", listed, "--null", "--password-file", passwords,
                "--time-limit", "120", "--max-file-size", "200M"]
        environment = {**os.environ, "XDG_CONFIG_HOME": folder, "HOME": folder}
        while True:
            run = subprocess.run(call, capture_output=True, env=environment)
            unreadable = re.search(rb"(\d+)\.pem: not a certificate", run.stderr)
            if not unreadable:
                break
            (config / f"{unreadable[1].decode()}.pem").unlink()
        if run.returncode not in (0, 1):
            sys.exit(f"exit {run.returncode}: {run.stderr.decode(errors='replace')}")
    records = map(json.loads, run.stdout.splitlines())
    return {record["path"]: record for record in records if record["type"] == "file"}


def verdicts(program, paths):
    """Returns the signatures of each file in both settings, the outcomes of files that were not
    read, and the files that failed."""
    paths = sorted(set(paths))
    default = screen(program, paths, [])
    found, unread, failed = {}, {}, []
    anchors = dict.fromkeys(anchor for path in paths for anchor in certificates(path))
    known = screen(program, paths, list(anchors))
    for path in map(str, paths):
        pairs = [records[path].get("signatures") or [] for records in (default, known)]
        # A run that met a limit has no signatures, and the file failed.
        found[path] = list(zip(*pairs))
        codes = {finding["code"] for finding in default[path]["findings"] + known[path]["findings"]}
        failed += [path] if codes & FAILURES else []
        encryption = default[path].get("encryption") or {}
        if encryption.get("method") == CERTIFICATES:
            unread[path] = "unsupported"
        elif UNREADABLE in codes:
            unread[path] = "rejected"
    return found, unread, failed


def captured_rows(folder, known):
    """Returns the rows of the documents that pyHanko's tests judged, and their paths."""
    reasons = {row.file: row for row in known if row.suite == "pyhanko-tests"}
    rows, paths = {}, {}
    for line in open(Path(folder) / "records.ndjson", encoding="utf-8"):
        record = json.loads(line)
        test = record["test"].split("::")[-1]
        number = 0
        for call in record["verdicts"] if record["passed"] else []:
            number += 1
            name = f"{test}#{number}"
            row = next((reasons[key] for key in (name, test, test.split("[")[0])
                        if key in reasons), None)
            level = call["level"]
            changes = "-" if level is None else "changed" if level == "OTHER" else "none"
            status = "valid" if call["intact"] and call["valid"] else "broken"
            if call["intact"] is None:
                status = "-"
            # A verdict on the same signature of the same document counts once.
            key = call["document"], call["signature"]
            if changes == "-" and status == "-" or rows.get(key):
                continue
            if row and row.changes:
                changes = row.changes
            is_rejected = changes == "changed" or status == "broken"
            attack = row.attack if row and is_rejected else ""
            rows[key] = Row("pyhanko-tests", name, str(call["signature"] + 1), status, changes,
                            attack, f"line {record['line']}", row.reason if row else "")
            paths["pyhanko-tests", name] = Path(folder) / f"{call['document']}.pdf"
    return list(rows.values()), paths


def judge(row, pair):
    """Returns the outcome for one signature: agree, differ or unsupported."""
    default, known = pair
    if "unsupported" in (default["status"], known["status"]):
        return "unsupported"
    status = row.status in ("-", known["status"])
    coverages = {default["coverage"], known["coverage"]}
    if row.changes == "changed":
        # Rejected by both, whether for its own sake or for what follows it.
        if known["status"] == "broken":
            return "agree"
        covered = coverages == {"changed-after"}
    else:
        covered = row.changes == "-" or known["coverage"] != "changed-after"
    return "agree" if status and covered else "differ"


def judge_unread(row, outcome):
    """Returns the outcome for a signature of a file that was not read."""
    if outcome == "rejected":
        return "agree" if row.changes == "changed" or row.status == "broken" else "differ"
    return outcome or "differ"


def is_accepted(pair):
    """Returns whether a signature of an attack file proves anything."""
    return any(found["status"] == "valid" and found["coverage"] != "changed-after"
               for found in pair)


def describe(pair):
    texts = [f"{found['status']}, {found['coverage']}" for found in pair]
    return texts[0] if texts[0] == texts[1] else f"{texts[0]}; with anchors {texts[1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("suites", nargs="*", metavar="SUITE=FOLDER")
    parser.add_argument("--captured", metavar="FOLDER")
    parser.add_argument("--all", action="store_true", help="list the agreeing signatures, too")
    arguments = parser.parse_args()
    expectations = read_expectations()
    folders = dict(suite.split("=", 1) for suite in arguments.suites)
    paths, missing = find_files(expectations, folders)
    rows = [row for row in expectations if (row.suite, row.file) in paths]
    if arguments.captured:
        more, more_paths = captured_rows(arguments.captured, expectations)
        rows += more
        paths |= more_paths
    found, unread, failed = verdicts(arguments.program, paths.values())

    counts = collections.defaultdict(collections.Counter)
    accepted, listed = [], []
    for row in rows:
        pairs = found[str(paths[row.suite, row.file])]
        if row.attack and all(is_accepted(pair) for pair in pairs):
            accepted.append(row)
        chosen = pairs if row.signature == "*" else pairs[int(row.signature) - 1:][:1]
        if not chosen:
            outcomes = [judge_unread(row, unread.get(str(paths[row.suite, row.file])))]
        else:
            outcomes = [judge(row, pair) for pair in chosen]
        outcome = next((kind for kind in ("differ", "unsupported") if kind in outcomes), "agree")
        if outcome == "differ" and row.reason:
            outcome = "explained"
        counts[row.suite][outcome] += 1
        counts[row.suite]["attacks"] += bool(row.attack)
        if outcome != "agree" or arguments.all:
            texts = " | ".join(dict.fromkeys(map(describe, chosen))) or "no signature"
            listed.append((row.suite, outcome, row, texts))

    for suite, outcome, row, texts in sorted(listed, key=lambda item: item[:2] + (item[2].file,)):
        expected = f"{row.status}, {row.changes}"
        reason = f" ({row.reason})" if row.reason and outcome == "explained" else ""
        print(f"{outcome:11} {suite}/{row.file} {row.signature}: {texts}; expected {expected}"
              f" [{row.source}]{reason}")
    print(f"\n{'suite':14} {'rows':>5} {'agree':>6} {'explained':>10} {'differ':>7}"
          f" {'unsupported':>12} {'attacks':>8}  agree of supported")
    total = collections.Counter()
    for suite, count in sorted(counts.items()) + [("all", total)]:
        supported = count["agree"] + count["explained"] + count["differ"]
        share = f"{100 * count['agree'] / supported:.1f} %" if supported else "-"
        print(f"{suite:14} {supported + count['unsupported']:5} {count['agree']:6}"
              f" {count['explained']:10} {count['differ']:7} {count['unsupported']:12}"
              f" {count['attacks']:8}  {share}")
        total.update(count)
    for title, names in [("missing", missing), ("failed", failed),
                         ("accepted attacks", [row.file for row in accepted])]:
        print(f"{title}: {len(names)}", *sorted(map(str, names))[:20])
    supported = total["agree"] + total["explained"] + total["differ"]
    is_enough = supported and (total["agree"] + total["explained"]) / supported >= SHARE
    return 0 if is_enough and not failed and not accepted else 1


if __name__ == "__main__":
    sys.exit(main())
