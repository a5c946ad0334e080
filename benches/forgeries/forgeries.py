#!/usr/bin/env python3
"""Measures which forgeries and which innocent changes of statements screening reports.

    benches/forgeries/forgeries.py [--program target/release/bankscreen] [--seed 1] [--only KIND]

The statements are synthetic: those of testdata/ledgers, with four pages each. Every kind of change is
made once per statement, with rows and digits that follow from the seed. They cannot be chosen: this
is a test bench, not an editor.

A forgery counts as found if one of the codes below is reported, and its place as right if the record
names the page, or page and row, of the change. Every forgery is also copied by Ghostscript and by
poppler's cairo backend, which write new fonts and content, and screened again. Innocent changes are
made by qpdf, Ghostscript, poppler, PDFium, LibreOffice, PyMuPDF and pikepdf. A false alarm is any of
the codes on one of them, or on an unchanged statement.

Needs qpdf, gs, pdftocairo and soffice; installs the Python packages of requirements.txt into `target`.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target"))
PACKAGES = TARGET / "tmp" / "forgeries-packages"
CODES = [
    "BALANCE_MISMATCH",
    "MISSING_TRANSACTIONS",
    "TOTALS_MISMATCH",
    "PERIOD_MISMATCH",
    "MIXED_STATEMENTS",
    "REFERENCE_DATES",
    "EDITED_PDF",
]
AMOUNT = re.compile(r"^[-+]?[\d,]*\d\.\d\d$")
DATE = re.compile(r"^\d\d[/-]?")


def packages():
    if not PACKAGES.exists():
        requirements = Path(__file__).with_name("requirements.txt")
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--target", PACKAGES, "-r", requirements],
            check=True,
        )
    sys.path.insert(0, str(PACKAGES))


packages()
import fitz  # noqa: E402
import pikepdf  # noqa: E402
import pypdfium2 as pdfium  # noqa: E402


class Row:
    """A transaction on a page: its number and its words with their rectangles."""

    def __init__(self, page, number, amount, balance, words):
        self.page, self.number = page, number
        self.amount, self.balance, self.words = amount, balance, words


def rows(document):
    """Returns the transactions of all pages, in the printed order."""
    found = []
    for page in document:
        lines = {}
        for x0, y0, x1, y1, text, *_ in page.get_text("words"):
            lines.setdefault(round(y1), []).append((x0, fitz.Rect(x0, y0, x1, y1), text))
        number = 0
        for _, words in sorted(lines.items()):
            words.sort(key=lambda word: word[0])
            amounts = [word for word in words if AMOUNT.match(word[2]) and word[2] != "0.00"]
            # Rows with a label, such as totals, begin without a date or number.
            if len(amounts) < 2 or not words[0][2][0].isdigit():
                continue
            number += 1
            found.append(Row(page.number, number, amounts[0], amounts[-1], words))
    return found


def other_amount(text, rng):
    """Returns an amount with the same form and another first digit."""
    index = next(i for i, c in enumerate(text) if c in "123456789")
    digit = rng.choice([d for d in "123456789" if d != text[index]])
    return text[:index] + digit + text[index + 1 :]


def minor(text):
    return int(re.sub(r"[^\d]", "", text))


def written(value, like):
    """Writes minor units with the groups of digits of another amount."""
    whole, hundredths = divmod(abs(value), 100)
    if "," not in like and whole >= 1000:
        return f"{whole}.{hundredths:02}"
    digits = str(whole)
    head, tail = digits[:-3], digits[-3:]
    step = 3 if re.search(r"\d,\d{3},\d{3}", like) else 2
    groups = []
    while head:
        groups.insert(0, head[-step:])
        head = head[:-step]
    return ",".join(groups + [tail]) + f".{hundredths:02}"


def pick(source, rng):
    """Opens a statement and picks a row that is not the first one."""
    document = fitz.open(source)
    candidates = rows(document)[2:-2]
    return document, rng.choice(candidates)


# --- forgeries: each returns the places (page, row) of the change, or None if there is none. What is
# removed leaves two: the row before the gap and the row behind it. ---


def own_font(source, target, rng):
    """One amount is replaced in the content, in its own font."""
    document, row = pick(source, rng)
    replace_text(source, target, {(row.page, row.amount[2], order(document, row)): other_amount(row.amount[2], rng)})
    return [(row.page, row.number)]


def order(document, row):
    """Returns how many equal words precede the amount of a row on its page."""
    before = 0
    for x0, _, _, y1, text, *_ in document[row.page].get_text("words"):
        if text == row.amount[2]:
            if abs(y1 - row.amount[1].y1) < 1 and abs(x0 - row.amount[1].x0) < 1:
                return before
            before += 1
    raise ValueError("the amount is not on the page")


def replace_text(source, target, changes):
    """Replaces strings of the content: (page, text, which of the equal ones) -> new text."""
    with pikepdf.open(source) as pdf:
        for number, page in enumerate(pdf.pages):
            wanted = {key[1:]: new for key, new in changes.items() if key[0] == number}
            if not wanted:
                continue
            seen = Counter()
            instructions = list(pikepdf.parse_content_stream(page))
            for at, (operands, operator) in enumerate(instructions):
                if str(operator) != "Tj":
                    continue
                text = str(operands[0])
                words = text.split(" ")
                for index, word in enumerate(words):
                    new = wanted.get((word, seen[word]))
                    seen[word] += 1
                    if new is not None:
                        words[index] = new
                changed = [pikepdf.String(" ".join(words))]
                instructions[at] = pikepdf.ContentStreamInstruction(changed, operator)
            page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))
        pdf.save(target)


def redacted(source, target, rng):
    """One amount is redacted and written anew."""
    document, row = pick(source, rng)
    page = document[row.page]
    page.add_redact_annot(row.amount[1], fill=(1, 1, 1))
    page.apply_redactions()
    write(page, row.amount[1], other_amount(row.amount[2], rng))
    document.save(target)
    return [(row.page, row.number)]


def cover(document, row, rng):
    """Draws a white box over an amount, and a new amount on it."""
    page = document[row.page]
    page.draw_rect(row.amount[1], color=None, fill=(1, 1, 1))
    write(page, row.amount[1], other_amount(row.amount[2], rng))


def covered(source, target, rng):
    """One amount is covered by a white box, with a new amount on it."""
    document, row = pick(source, rng)
    cover(document, row, rng)
    document.save(target)
    return [(row.page, row.number)]


def write(page, rect, text):
    size = 7.5
    width = fitz.get_text_length(text, "helv", size)
    page.insert_text((rect.x1 - width, rect.y1 - 1.6), text, fontname="helv", fontsize=size)


def appended(source, target, rng):
    """The same as an appended update of the file."""
    shutil.copyfile(source, target)
    document, row = pick(target, rng)
    cover(document, row, rng)
    document.saveIncr()
    return [(row.page, row.number)]


def annotated(source, target, rng):
    """A text annotation with a white background lies over one amount."""
    document, row = pick(source, rng)
    rect = row.amount[1]
    box = fitz.Rect(rect.x0 - 1, rect.y0 - 1, rect.x1 + 1, rect.y1 + 1)
    annotation = document[row.page].add_freetext_annot(
        box, other_amount(row.amount[2], rng), fontsize=7.5, fill_color=(1, 1, 1), align=2
    )
    annotation.update()
    document.save(target)
    return [(row.page, row.number)]


def removed_row(source, target, rng):
    """The words of one row are removed."""
    document, row = pick(source, rng)
    page = document[row.page]
    for _, rect, _ in row.words:
        page.add_redact_annot(rect)
    page.apply_redactions()
    document.save(target)
    left = [(r.page, r.number) for r in rows(fitz.open(target))]
    behind = next(index for index, place in enumerate(left) if place >= (row.page, row.number))
    return left[behind - 1 : behind + 1]


def removed_page(source, target, rng):
    """A page in the middle is removed."""
    with pikepdf.open(source) as pdf:
        page = rng.randrange(1, len(pdf.pages) - 1)
        del pdf.pages[page]
        pdf.save(target)
    return [(page - 1, None), (page, None)]


def swapped_pages(source, target, rng):
    """Two neighbouring pages are exchanged."""
    with pikepdf.open(source) as pdf:
        page = rng.randrange(1, len(pdf.pages) - 2)
        pages = list(pdf.pages)
        pages[page], pages[page + 1] = pages[page + 1], pages[page]
        result = pikepdf.new()
        result.pages.extend(pages)
        result.save(target)
    return [(page, None), (page + 1, None)]


def recomputed(source, target, rng):
    """A credit is raised, and all later balances with it."""
    document = fitz.open(source)
    printed = rows(document)
    credits = [
        (before, row)
        for before, row in zip(printed[1:], printed[2:-2])
        if minor(row.balance[2]) - minor(before.balance[2]) == minor(row.amount[2])
    ]
    if not credits:
        return None
    _, row = rng.choice(credits)
    raised = rng.randrange(1, 9) * 100_000
    changes = {(row.page, row.amount[2], order(document, row)): written(minor(row.amount[2]) + raised, row.amount[2])}
    for later in printed[printed.index(row) :]:
        text = later.balance[2]
        key = (later.page, text, order(document, Row(later.page, 0, later.balance, None, None)))
        changes[key] = written(minor(text) + raised, text)
    replace_text(source, target, changes)
    return [(row.page, row.number)]


def mixed(source, target, rng):
    """A page of another statement stands in place of one page."""
    others = [path for path in statements() if path != source]
    with pikepdf.open(source) as pdf, pikepdf.open(rng.choice(others)) as other:
        page = rng.randrange(1, len(pdf.pages) - 1)
        pdf.pages[page : page + 1] = [other.pages[page]]
        pdf.save(target)
    return [(page, None), (page + 1, None)]


# --- innocent changes ---


def unlocked(source, target, _):
    """A password is set, and removed again (qpdf)."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as locked:
        run("qpdf", "--encrypt", "secret", "owner", "256", "--", source, locked.name)
        run("qpdf", "--decrypt", "--password=secret", locked.name, target)


def saved(source, target, _):
    """Saved with object streams (qpdf)."""
    run("qpdf", "--object-streams=generate", source, target)


def linearised(source, target, _):
    """Saved for the web (qpdf)."""
    run("qpdf", "--linearize", source, target)


def printed_by_ghostscript(source, target, _):
    """Printed to a new PDF (Ghostscript)."""
    run("gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", f"-sOutputFile={target}", source)


def printed_by_cairo(source, target, _):
    """Printed to a new PDF (poppler, cairo)."""
    run("pdftocairo", "-pdf", source, target)


def printed_by_pdfium(source, target, _):
    """Printed to a new PDF (PDFium, as Chrome's viewer does)."""
    old, new = pdfium.PdfDocument(source), pdfium.PdfDocument.new()
    new.import_pages(old)
    new.save(target)


def printed_by_libreoffice(source, target, _):
    """Opened and exported again (LibreOffice)."""
    with tempfile.TemporaryDirectory() as folder:
        profile = f"-env:UserInstallation=file://{folder}/profile"
        convert = ["--headless", "--infilter=draw_pdf_import", "--convert-to", "pdf", "--outdir", folder]
        run("soffice", profile, *convert, source)
        shutil.move(Path(folder) / source.name, target)


def highlighted(source, target, rng):
    """A row is highlighted (PyMuPDF, appended)."""
    shutil.copyfile(source, target)
    document, row = pick(target, rng)
    document[row.page].add_highlight_annot([rect for _, rect, _ in row.words])
    document.saveIncr()


def noted(source, target, rng):
    """A note is attached to a row (PyMuPDF)."""
    document, row = pick(source, rng)
    document[row.page].add_text_annot(row.amount[1].tl, "checked")
    document.save(target)


def described(source, target, _):
    """Another title in the metadata (pikepdf)."""
    with pikepdf.open(source) as pdf:
        pdf.docinfo["/Title"] = "Statement"
        pdf.save(target)


def extracted(source, target, _):
    """Saved without unused objects, the content written anew (PyMuPDF)."""
    fitz.open(source).save(target, garbage=4, clean=True, deflate=True)


def swapped_narrations(source, target, rng):
    """The descriptions of two rows are exchanged: arithmetic can't show it."""
    document = fitz.open(source)
    page = document[1]
    on_page = [row for row in rows(document) if row.page == 1]
    texts = lambda row: [word for word in row.words if not AMOUNT.match(word[2])]
    words = [max(texts(row), key=lambda word: len(word[2])) for row in rng.sample(on_page, 2)]
    if words[0][2] == words[1][2]:
        document.save(target)
        return
    for (_, rect, _), (_, _, text) in zip(words, reversed(words)):
        page.add_redact_annot(rect)
    page.apply_redactions()
    for (_, rect, _), (_, _, text) in zip(words, reversed(words)):
        page.insert_text((rect.x0, rect.y1 - 1.6), text, fontname="helv", fontsize=7.5)
    document.save(target)


FORGERIES = [
    own_font,
    redacted,
    covered,
    appended,
    annotated,
    removed_row,
    removed_page,
    swapped_pages,
    recomputed,
    mixed,
]
INNOCENT = [
    unlocked,
    saved,
    linearised,
    printed_by_ghostscript,
    printed_by_cairo,
    printed_by_pdfium,
    printed_by_libreoffice,
    highlighted,
    noted,
    described,
    extracted,
    swapped_narrations,
]
COPIES = {"Ghostscript": printed_by_ghostscript, "cairo": printed_by_cairo}


def run(*arguments):
    subprocess.run([str(argument) for argument in arguments], check=True, stdout=subprocess.DEVNULL)


def statements():
    files = (PROJECT / "testdata" / "ledgers").glob("*.pdf")
    return sorted(path for path in files if path.stem != "two_statements")


def screen(program, folder):
    """Returns the records of the files in a folder, by name."""
    output = subprocess.run(
        [program, "--check", "--no-state", "--files-only", "--format", "ndjson", "--exit-zero", folder],
        check=True,
        capture_output=True,
    ).stdout
    records = map(json.loads, output.splitlines())
    return {Path(record["path"]).name: record for record in records if record["type"] == "file"}


def found(record):
    return [f["code"] for f in record["findings"] if f["code"] in CODES and f["severity"] != "note"]


def is_page(record, places):
    pages = {page for f in record["findings"] if f["code"] in CODES for page in f["pages"]}
    return any(page + 1 in pages for page, _ in places)


def is_row(record, places):
    breaks = (record["ledger"] or {"breaks": []})["breaks"]
    return any((b["page"], b["row"]) == (page + 1, row) for b in breaks for page, row in places)


def change_all(kind, folder, seed):
    """Applies a change to every statement. Returns the places by file name."""
    places = {}
    for source in statements():
        rng = random.Random(f"{seed}-{kind.__name__}-{source.name}")
        target = folder / source.name
        place = kind(source, target, rng)
        if target.exists():
            places[source.name] = place
    return places


def share(part, whole):
    return f"{part} of {whole}" if whole else "-"


def forgery_row(kind, program, seed, folder):
    folder.mkdir()
    places = change_all(kind, folder, seed)
    records = screen(program, folder)
    hits = {name: found(records[name]) for name in places}
    number = sum(1 for codes in hits.values() if codes)
    codes = Counter(code for codes in hits.values() for code in set(codes))
    pages = sum(is_page(records[name], place) for name, place in places.items())
    with_row = {name: place for name, place in places.items() if place and place[0][1]}
    right_rows = sum(is_row(records[name], place) for name, place in with_row.items())
    copies = []
    for name, copy in COPIES.items():
        copied = folder.with_name(f"{folder.name}-{name}")
        copied.mkdir()
        for file in places:
            copy(folder / file, copied / file, None)
        records = screen(program, copied)
        copies.append(share(sum(1 for file in places if found(records[file])), len(places)))
    by = ", ".join(f"`{code}` {count}" for code, count in codes.most_common())
    cells = [
        kind.__doc__.rstrip("."),
        share(number, len(places)),
        share(pages, len(places)),
        share(right_rows, len(with_row)),
        *copies,
        by,
    ]
    print("| " + " | ".join(cells) + " |", flush=True)


def innocent_row(kind, program, seed, folder):
    folder.mkdir()
    names = change_all(kind, folder, seed) if kind else {path.name: None for path in statements()}
    if kind is None:
        for path in statements():
            shutil.copyfile(path, folder / path.name)
    records = screen(program, folder)
    alarms = {name: found(records[name]) for name in names}
    proven = sum(
        1
        for name in names
        if (ledger := records[name]["ledger"]) and ledger["links"] >= 3 and not ledger["broken"] and not ledger["unread"]
    )
    title = kind.__doc__.split(":")[0].rstrip(".") if kind else "Unchanged"
    remade = sum(any(f["code"] == "REMADE_PDF" for f in records[name]["findings"]) for name in names)
    counts = [sum(map(bool, alarms.values())), remade, proven]
    print(f"| {title} | " + " | ".join(share(count, len(names)) for count in counts) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=TARGET / "release" / "bankscreen")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="the name of one kind of change")
    arguments = parser.parse_args()
    wanted = lambda kind: arguments.only in (None, kind.__name__)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        print("| forgery | found | right page | right row | after Ghostscript | after cairo | by |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for kind in filter(wanted, FORGERIES):
            forgery_row(kind, arguments.program, arguments.seed, folder / kind.__name__)
        print("\n| innocent change | false alarms | `REMADE_PDF` | proven |")
        print("| --- | --- | --- | --- |")
        if arguments.only is None:
            innocent_row(None, arguments.program, arguments.seed, folder / "unchanged")
        for kind in filter(wanted, INNOCENT):
            innocent_row(kind, arguments.program, arguments.seed, folder / kind.__name__)


if __name__ == "__main__":
    main()
