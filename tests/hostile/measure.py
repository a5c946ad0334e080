#!/usr/bin/env python3
"""Screens large hostile PDFs among good ones and prints time and findings of each.

Usage: measure.py PROGRAM TESTDATA [--only WORD] [--keep FOLDER]

Generates the hostile files in a temporary folder: bombs of up to 4 GB, nesting 200,000 levels deep,
loops, exponential forms and trees, forged numbers, repeated fragments of 3 to 20 MB. Exits with 0
only if all of these hold:

- Every good file has the same record as without hostile files.
- Every hostile file has a finding, or its text was read completely.
- No process uses more than 512 MB of memory, and no file takes more than 10 s.
- The program exits with 1.
"""

import argparse
import collections
import json
import multiprocessing
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import zlib

GIB = 1 << 30
MAX_MEMORY = 512 * 10**6
MAX_MS = 10_000
DEPTH = 200_000
# Findings that result from little text or from copies, not from the hostile structure.
TEXT_FINDINGS = {"STATEMENT_UNSUPPORTED_FORMAT", "STATEMENT_DUPLICATE", "OVERLAPPING_PERIOD"}

FILES = {}


def hostile(make):
    """Registers a function that yields name suffixes and bytes of files."""
    FILES[make.__name__] = make
    return make


# Writing


def pdf(objects, trailer=b"", tail=None):
    """Returns a file with numbered objects; `tail` replaces cross-reference table and trailer."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    if tail is not None:
        return bytes(out + (tail(offsets, len(out)) if callable(tail) else tail))
    size = max(objects) + 1
    rows = (b"%010d 00000 n \n" % offsets[n] if n in offsets else b"0000000000 65535 f \n"
            for n in range(size))
    table = b"xref\n0 %d\n%s" % (size, b"".join(rows))
    ending = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(out + table + ending % (size, trailer, len(out)))


def stream(data, entries=b""):
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(data), entries, data)


def flate(data, entries=b""):
    return stream(zlib.compress(data), b"/Filter/FlateDecode" + entries)


def page(content, entries=b"", others=None):
    """Returns the numbered objects of a one-page document."""
    return {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R" + entries + b">>",
        4: content,
        **(others or {}),
    }


FONT = b"/Resources<</Font<</F 5 0 R>>>>"
# The text names a known bank, so that all findings result from the hostile structure.
TEXT = (b"BT /F 12 Tf 50 700 Td (Federal Bank, IFSC FDRL0001234, www.federalbank.co.in) Tj\n"
        b"0 -40 Td (Statement of account from 01/04/2024 to 30/06/2024) Tj ET\n")


def bomb(size):
    """Returns zlib data that expands to `size` zero bytes, by repeating one compressed block."""
    block = 1 << 20
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(bytes(block)) + packer.flush(zlib.Z_FULL_FLUSH)
    # Adler-32 of n zero bytes: the low half remains 1, the high half is n modulo 65521.
    check = ((size % 65521) << 16 | 1).to_bytes(4, "big")
    return b"\x78\xda" + first * (size // block) + b"\x03\x00" + check


def bombs():
    """Yields filters and data of streams that expand to 4 GB in one or several steps."""
    once = bomb(4 * GIB)
    twice = zlib.compress(once, 9)
    yield "flate", b"/Filter/FlateDecode", once
    yield "flate_2", b"/Filter[/FlateDecode/FlateDecode]", twice
    yield "flate_3", b"/Filter[/Fl/Fl/Fl]", zlib.compress(twice, 9)
    # Every two bytes expand to 128.
    runs = zlib.compress(b"\x81\x20" * (32 << 20), 9)
    yield "run_length", b"/Filter[/FlateDecode/RunLengthDecode]", runs
    yield "hexadecimal", b"/Filter[/ASCIIHexDecode/FlateDecode]", once.hex().encode() + b">"


# Bombs


@hostile
def content():
    for name, filters, data in bombs():
        yield name, pdf(page(stream(data, filters)))


@hostile
def object_stream():
    for name, filters, data in bombs():
        inside = stream(data, b"/Type/ObjStm/N 100/First 800" + filters)
        objects = {1: b"<</Type/Catalog/Pages 2 0 R>>", 7: inside}

        def tail(offsets, end):
            table = b"".join(
                b"\x01" + offsets[n].to_bytes(4, "big") + b"\0" if n in offsets
                else b"\x02" + (7).to_bytes(4, "big") + bytes([n % 256]) for n in range(8))
            xref = stream(table, b"/Type/XRef/W[1 4 1]/Size 8/Root 1 0 R")
            return b"8 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (xref, end)

        yield name, pdf(objects, tail=tail)


@hostile
def cross_reference_stream():
    for name, filters, data in bombs():
        for predictor in (b"", b"/DecodeParms<</Predictor 12/Columns 4>>"):
            entries = b"/Type/XRef/W[1 2 1]/Size 1000000000/Root 1 0 R" + filters + predictor
            xref = b"8 0 obj\n%s\nendobj\n" % stream(data, entries)
            tail = lambda _, end, xref=xref: xref + b"startxref\n%d\n%%%%EOF\n" % end
            suffix = name + ("_predicted" if predictor else "")
            yield suffix, pdf(page(flate(TEXT)), tail=tail)


@hostile
def font():
    for name, filters, data in bombs():
        simple = b"<</Type/Font/Subtype/Type1/BaseFont/X/ToUnicode 6 0 R>>"
        objects = {5: simple, 6: stream(data, filters)}
        yield "map_" + name, pdf(page(flate(TEXT), FONT, objects))
        program = b"<</Type/FontDescriptor/FontName/X/Flags 4/FontFile2 7 0 R>>"
        typed = b"<</Type/Font/Subtype/TrueType/BaseFont/X/FontDescriptor 6 0 R>>"
        objects = {5: typed, 6: program, 7: stream(data, filters)}
        yield "program_" + name, pdf(page(flate(TEXT), FONT, objects))


# Nesting


@hostile
def nesting():
    for name, opening, closing in (("arrays", b"[", b"]"), ("dictionaries", b"<</A", b">>"),
                                   ("strings", b"(", b")")):
        for half, end in (("", closing), ("_open", b"")):
            nested = opening * DEPTH + b" " + end * DEPTH
            yield name + half, pdf(page(flate(TEXT), b"/X " + nested))
            yield "content_" + name + half, pdf(page(flate(nested + b" Tj")))
            packed = flate(b"9 0 " + nested, b"/Type/ObjStm/N 1/First 4")
            yield "packed_" + name + half, pdf(page(flate(TEXT), b"/X 9 0 R", {7: packed}))
    yield "saves", pdf(page(flate(b"q " * DEPTH * 50)))
    yield "marks", pdf(page(flate(b"/A BMC " * DEPTH * 10)))


@hostile
def chain():
    forms = {n: stream(b"/F Do", b"/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>"
                       % (n + 1)) for n in range(5, 20_000)}
    yield "forms", pdf(page(flate(b"/F Do"), b"/Resources<</XObject<</F 5 0 R>>>>", forms))
    nodes = {n: b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (n + 1) for n in range(10, DEPTH // 2)}
    yield "pages", pdf({**page(b""), 2: b"<</Type/Pages/Count 1/Kids[10 0 R]>>", **nodes})
    references = {n: b"%d 0 R" % (n + 1) for n in range(10, DEPTH)}
    objects = page(flate(TEXT), b"/Rotate 10 0 R", references)
    yield "references", pdf(objects)


# Loops and growth


@hostile
def loop():
    two = b"<</Type/Pages/Count 2/Kids[3 0 R 2 0 R]>>"
    yield "pages", pdf({**page(flate(TEXT)), 2: two})
    each = {2: b"<</Type/Pages/Count 9/Kids[5 0 R 3 0 R]>>", 5: b"<</Type/Pages/Kids[2 0 R]>>"}
    yield "pages_two", pdf({**page(flate(TEXT)), **each})
    own = {n: stream(b"/A Do /B Do", b"/Subtype/Form/BBox[0 0 9 9]"
                     b"/Resources<</XObject<</A 5 0 R/B 6 0 R>>>>") for n in (5, 6)}
    form = b"/Resources<</XObject<</A 5 0 R>>>>"
    yield "forms", pdf(page(flate(b"/A Do"), form, own))
    yield "references", pdf(page(b"5 0 R", b"", {5: b"6 0 R", 6: b"5 0 R"}))
    for number in (4, 5):
        other = b"<</Length %d 0 R>>\nstream\n%s\nendstream" % (number, TEXT)
        yield f"length_{number}", pdf(page(other, b"", {5: b"4 0 R"}))
    prev = lambda _, end: (b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 9/Root 1 0 R"
                           b"/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (end, end))
    yield "prev", pdf(page(flate(TEXT)), tail=prev)


@hostile
def exponential():
    forms = {n: stream(b"/F Do " * 10, b"/Subtype/Form/BBox[0 0 9 9]/Resources"
                       b"<</XObject<</F %d 0 R>>>>" % (n + 1)) for n in range(5, 20)}
    drawn = {20: stream(b"0 0 1 1 re f", b"/Subtype/Form/BBox[0 0 9 9]")}
    entries = b"/Resources<</XObject<</F 5 0 R>>>>"
    yield "forms", pdf(page(flate(b"/F Do"), entries, {**forms, **drawn}))
    nodes = {n: b"<</Type/Pages/Count 1024/Kids[%s]>>" % (b"%d 0 R " % (n + 1) * 10)
             for n in range(10, 40)}
    leaf = {40: b"<</Type/Page/MediaBox[0 0 9 9]>>"}
    root = {2: b"<</Type/Pages/Count 1000000000/Kids[10 0 R]>>"}
    yield "pages", pdf({**page(flate(TEXT)), **root, **nodes, **leaf})
    direct = b"<</Type/Page>>"
    for _ in range(16):
        direct = b"<</Type/Pages/Kids[%s%s]>>" % (direct, direct)
    yield "pages_direct", pdf({**page(flate(TEXT)), 2: direct})


# Forged numbers

HUGE = (1 << 31) - 1


@hostile
def forged():
    base = page(flate(TEXT))
    for count in (HUGE, -1, 1 << 62):
        tree = b"<</Type/Pages/Kids[3 0 R]/Count %d>>" % count
        yield f"count_{count}", pdf({**base, 2: tree})
    for widths in (b"[255 255 255]", b"[8 8 8]", b"[2147483647 1 1]", b"[-1 2 1]", b"[0 0 0]"):
        entries = b"/Type/XRef/Size 9/Root 1 0 R/Index[0 2147483647]/W" + widths
        xref = b"8 0 obj\n%s\nendobj\n" % flate(b"\1\0\0\0" * 100, entries)
        tail = lambda _, end, xref=xref: xref + b"startxref\n%d\n%%%%EOF\n" % end
        yield "widths_" + widths.decode().strip("[]").replace(" ", "_"), pdf(base, tail=tail)
    for number in (HUGE, 1 << 62):
        packed = flate(b"9 0 null", b"/Type/ObjStm/N %d/First %d" % (number, number))
        yield f"objects_{number}", pdf(page(flate(TEXT), b"/X 9 0 R", {7: packed}))
    for predictor in (2, 12, 15):
        for columns in (b"/Columns 2147483647", b"/Columns 1/Colors 2147483647",
                        b"/Columns 999999999/Colors 32/BitsPerComponent 32"):
            entries = b"/DecodeParms<</Predictor %d%s>>" % (predictor, columns)
            name = f"predictor_{predictor}_{columns.decode().replace('/', '').replace(' ', '_')}"
            yield name, pdf(page(flate(TEXT * 99, entries)))
    for name, ranges in (("range", b"1 beginbfrange <0000> <FFFFFFFF> <0041> endbfrange"),
                         ("codes", b"1 begincidrange <00000000> <FFFFFFFF> 0 endcidrange"),
                         ("many", b"100 beginbfrange %s endbfrange"
                          % (b"<0000> <FFFF> <0041>\n" * 200_000))):
        plain = b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/ToUnicode 6 0 R"
        plain += b"/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/X>>]>>"
        objects = {5: plain, 6: flate(b"begincmap " + ranges + b" endcmap")}
        yield "map_" + name, pdf(page(flate(TEXT), FONT, objects))
    for name, widths in (("first", b"/Subtype/TrueType/FirstChar -2147483648/LastChar 2147483647"
                          b"/Widths[1]"),
                         ("composite", b"/Subtype/Type0/Encoding/Identity-H/DescendantFonts[<</Type"
                          b"/Font/Subtype/CIDFontType2/BaseFont/X/W[0 2147483647 500]>>]")):
        simple = b"<</Type/Font/BaseFont/X" + widths + b">>"
        yield "font_" + name, pdf(page(flate(TEXT), FONT, {5: simple}))
    table = b"xref\n0 2000000000\n0000000000 65535 f \ntrailer\n<</Size 2000000000/Root 1 0 R>>\n"
    yield "table", pdf(base, tail=lambda _, end: table + b"startxref\n%d\n%%%%EOF\n" % end)


# Repeated fragments

PIECES = {
    "dictionaries": b"1 0 obj <<", "strings": b"1 0 obj (", "arrays": b"1 0 obj [",
    "hexadecimal": b"1 0 obj <", "objects": b"1 0 obj\n", "ended": b"1 0 obj ( endobj\n",
    "escaped_type": b"1 0 obj<</Type/Obj#53tm/N 9/First 9/Length 1>>stream\nx\nendstream endobj\n",
    "escaped_names": b"/Obj#53tm", "streams": b"1 0 obj<</Length 9>>stream\n",
    "object_streams": b"1 0 obj<</Type/ObjStm/N 1/First 4>>stream\n9 0 [ \nendstream endobj\n",
    "rows": b"0000000009 00000 n \n", "tables": b"xref\n0 1\n0000000000 65535 f \n",
    "trailers": b"trailer<</Root 1 0 R>>\n", "open_trailers": b"trailer<<",
    "starts": b"startxref\n9\n%%EOF\n", "pages": b"1 0 obj<</Type/Page/Contents 1 0 R>>endobj\n",
    "names": b"/A#", "references": b"1 0 R ", "comments": b"%\n", "catalogs":
    b"1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]>>endobj\n", "headers": b"%PDF-1.4\n",
}


@hostile
def flood():
    for name, piece in PIECES.items():
        for megabytes in (3, 20):
            repeated = piece * (megabytes * 10**6 // len(piece))
            yield f"{name}_{megabytes}", b"%PDF-1.4\n" + repeated
    rows = b"0000000009 00000 n \n" * 1_000_000
    table = b"xref\n0 1000000\n%strailer\n<</Size 1000000/Root 1 0 R>>\n" % rows
    yield "table_20", pdf(page(flate(TEXT)),
                          tail=lambda _, end: table + b"startxref\n%d\n%%%%EOF\n" % end)
    # After a complete document, where only repair reads them.
    for name in ("dictionaries", "strings", "arrays", "escaped_type"):
        repeated = PIECES[name] * (3 * 10**6 // len(PIECES[name]))
        yield f"behind_{name}_3", pdf(page(flate(TEXT))) + repeated


# Defects that readers ignore silently


def compact(objects):
    """Returns a file with a cross-reference stream and its page tree in an object stream."""
    numbers = [n for n in objects if n != 4]
    bodies, offsets = b"", []
    for n in numbers:
        offsets += [b"%d %d" % (n, len(bodies))]
        bodies += objects[n] + b" "
    head = b" ".join(offsets) + b" "
    packed = flate(head + bodies, b"/Type/ObjStm/N %d/First %d" % (len(numbers), len(head)))

    def tail(offsets, end):
        entry = lambda n: (b"\x01" + offsets[n].to_bytes(4, "big") + b"\0" if n in offsets else
                           b"\x02" + (90).to_bytes(4, "big") + bytes([numbers.index(n)]) if n in numbers else
                           b"\0" * 6)
        table = b"".join(entry(n) for n in range(92))
        xref = flate(table, b"/Type/XRef/W[1 4 1]/Size 92/Root 1 0 R")
        return b"91 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (xref, end)

    return pdf({4: objects[4], 90: packed}, tail=tail)


SIMPLE = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


@hostile
def silent():
    base = page(flate(TEXT), FONT, {5: SIMPLE})
    whole, packed = pdf(base), compact(base)
    yield "without_size", whole.replace(b"/Size", b"/Seiz")
    yield "size_huge", whole.replace(b"/Size 6", b"/Size 2147483647")
    for old in (b"/ObjStm", b"/XRef"):
        for new in (b"/Font", b"/Page", b"/Catalog"):
            name = f"confused_{old.decode()[1:]}_{new.decode()[1:]}"
            # Keeps the length, because other offsets in the file must remain correct.
            yield name, packed.replace(old, new.ljust(len(old))[:len(old)])
    for name, junk in (("text", b"nothing of the bank "), ("zeros", b"\0" * 16), ("ends", b"%%EOF\n"),
                       ("noise", os.urandom(1 << 12))):
        yield f"junk_{name}", whole + junk * (5 * 10**6 // len(junk))
    for name, more in (("objects", b"7 0 obj null endobj\n"), ("comments", b"% nothing\n")):
        cut = whole.index(b"xref\n0")
        yield f"padding_{name}", whole[:cut] + more * (3 * 10**6 // len(more)) + whole[cut:]
    beside = lambda *bodies: pdf({**base, **dict(enumerate(bodies, 6))})
    for first in (-HUGE - 1, -1, 256, HUGE):
        font = b"<</Type/Font/Subtype/TrueType/BaseFont/X/FirstChar %d/LastChar %d/Widths[1]>>" % (first, HUGE)
        yield f"first_char_{first}", beside(font)
    for count, first in ((HUGE, 4), (1, HUGE), (-1, -1), (1000, 4)):
        entries = b"/Type/ObjStm/N %d/First %d" % (count, first)
        yield f"unused_objects_{count}_{first}", beside(flate(b"9 0 null", entries))
    for parameters in (b"/Predictor 2/Columns %d" % HUGE, b"/Predictor 2/Colors 0", b"/Predictor 2/Columns -1",
                       b"/Predictor 2/BitsPerComponent 64", b"/Predictor 99"):
        name = parameters.decode().replace("/", "").replace(" ", "_")
        yield f"unused_{name}", beside(flate(b"nothing", b"/DecodeParms<<%s>>" % parameters))
    for name, opening, closing in (("arrays", b"[", b"]"), ("dictionaries", b"<</A", b">>"), ("strings", b"(", b")")):
        for depth in (500, DEPTH):
            nested = opening * depth + b" " + closing * depth
            yield f"unused_{name}_{depth}", beside(nested)
            yield f"unused_packed_{name}_{depth}", beside(flate(b"9 0 " + nested, b"/Type/ObjStm/N 1/First 4"))
    yield "unused_reference_1", beside(b"6 0 R")
    yield "unused_reference_2", beside(b"7 0 R", b"6 0 R")
    yield "unused_dictionary", beside(b"<</A 6 0 R>>")
    for key in (b"Next", b"Prev", b"Parent", b"First"):
        yield f"unused_loop_{key.decode()}", beside(b"<</%s 7 0 R>>" % key, b"<</%s 6 0 R>>" % key)
    yield "unused_loop_Kids", beside(b"<</Kids[7 0 R]>>", b"<</Kids[8 0 R]>>", b"<</Kids[6 0 R]>>")
    for name, ranges in (("range", b"1 beginbfrange <0000> <FFFFFFFF> <0041> endbfrange"),
                         ("many", b"100 beginbfrange %s endbfrange" % (b"<0000> <FFFF> <0041>\n" * 200_000)),
                         ("single", b"100 beginbfchar %s endbfchar" % (b"<0041> <0041>\n" * 300_000)),
                         ("large", b"1 beginbfchar <0041> <0041> endbfchar" + b" " * (8 << 20))):
        font = SIMPLE[:-2] + b"/ToUnicode 6 0 R>>"
        yield f"map_{name}", pdf({**base, 5: font, 6: flate(b"begincmap " + ranges + b" endcmap")})
    yield "unused_bomb", beside(stream(bomb(GIB), b"/Filter/FlateDecode"))


def mixed(testdata):
    """Yields good files that are joined, spliced, or have junk inserted."""
    # From another folder than the good files, which would otherwise be duplicates.
    good = sorted((testdata / "traps").glob("*.pdf"))
    for number, path in enumerate(good):
        one, other = path.read_bytes(), good[number - 1].read_bytes()
        yield f"joined_{number}", one + other
        yield f"spliced_{number}", one[:len(one) // 2] + other[len(other) // 2:]
        yield f"flooded_{number}", one[:len(one) // 2] + b"1 0 obj <<" * 200_000 + one[len(one) // 2:]
        yield f"junk_{number}", one + b"nothing of the bank " * 200_000


# Measuring


def make(folder, only, testdata):
    """Writes the hostile files whose name contains `only`."""
    for group, files in {**FILES, "mixed": lambda: mixed(testdata)}.items():
        for suffix, data in files():
            name = f"{group}_{suffix}.pdf"
            if only in name:
                (folder / name).write_bytes(data)


def screen(program, root, folder):
    """Returns records by path, seconds, exit code, and the peak memory of a process in bytes."""
    command = [program, "--check", "--format", "ndjson", "--timings", folder]
    started = time.monotonic()
    with tempfile.TemporaryFile() as out:
        run = subprocess.Popen(command, cwd=root, stdout=out, stderr=subprocess.DEVNULL)
        # The usage covers the program and its reaped children.
        _, status, usage = os.wait4(run.pid, 0)
        seconds = time.monotonic() - started
        out.seek(0)
        records = [json.loads(line) for line in out.read().decode().splitlines()]
    files = {record["path"]: record for record in records if record["type"] == "file"}
    return files, seconds, os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024


def mix(folder, testdata):
    """Copies good files between the hostile ones, in name order, and returns their names."""
    names = []
    hostile_names = sorted(path.name for path in folder.iterdir())
    good = [path for group in ("banks", "structure", "pages") for path in
            sorted((testdata / group).glob("*.pdf"))]
    for number, path in enumerate(good):
        beside = hostile_names[number * len(hostile_names) // len(good)]
        name = f"{beside[:-4]}__good_{path.name}"
        shutil.copy(path, folder / name)
        names.append(name)
    return names


def independent_part(record):
    """Returns a record without its duration and without findings that depend on other files."""
    findings = [f for f in record["findings"] if f["code"] not in ("STATEMENT_DUPLICATE", "OVERLAPPING_PERIOD")]
    dependent = ("elapsed_ms", "duplicate_of", "verdict")
    return {**{key: value for key, value in record.items() if key not in dependent}, "findings": findings}


def measure(program, root, testdata):
    """Prints the table and returns the number of faults."""
    good = mix(root / "in", testdata)
    (root / "alone").mkdir()
    for name in good:
        shutil.copy(root / "in" / name, root / "alone" / name)
    alone, alone_seconds, _, _ = screen(program, root, "alone")
    found, seconds, code, memory = screen(program, root, "in")
    faults, read_completely = collections.Counter(), 0
    print(f"{'file':<58}{'MB':>6}{'s':>7}  findings")
    for path in sorted(str(p.relative_to(root)) for p in (root / "in").iterdir()):
        name, record, wrong = path[3:], found.get(path), []
        if record is None:
            wrong = ["NO RECORD"]
        elif name in good:
            expected = alone[f"alone/{name}"]
            if independent_part(record) != {**independent_part(expected), "path": path}:
                wrong = ["DIFFERS FROM ALONE"]
        elif not {finding["code"] for finding in record["findings"]} - TEXT_FINDINGS:
            # Without a finding, all of the text must have been read.
            complete = record["pages"]["map"] == "T" and record["bank"]["id"] == "federal"
            wrong = [] if complete else ["NO FINDING"]
            read_completely += complete
        if record and record["elapsed_ms"] >= MAX_MS:
            wrong.append("TOO SLOW")
        faults.update(wrong)
        if name in good and not wrong:
            continue
        codes = [finding["code"] for finding in record["findings"]] if record else []
        size, took = os.path.getsize(root / path) / 1e6, record["elapsed_ms"] / 1e3 if record else 0
        findings = " ".join(codes) or "(read completely)"
        print(f"{name:<58}{size:>6.1f}{took:>7.2f}  {findings} {' '.join(wrong)}".rstrip())
    hostile_count = len(found) - len(good)
    if memory >= MAX_MEMORY:
        faults["TOO MUCH MEMORY"] += 1
    if code != 1:
        faults[f"EXIT CODE {code}"] += 1
    if seconds > alone_seconds + hostile_count * MAX_MS / 1e3:
        faults["RUN TOO LONG"] += 1
    print(f"{hostile_count} hostile ({read_completely} read completely) and {len(good)} good files "
          f"in {seconds:.1f} s (good files alone: {alone_seconds:.1f} s), exit code {code}, "
          f"peak memory {memory / 1e6:.0f} MB per process")
    print("faults:", dict(faults) or "none")
    return sum(faults.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("testdata", type=pathlib.Path)
    parser.add_argument("--only", default="", help="use only hostile files whose name contains this")
    parser.add_argument("--keep", type=pathlib.Path, help="copy the hostile files to this folder")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "in").mkdir()
        # A separate process, because children inherit the peak memory of this one.
        maker = multiprocessing.Process(target=make, args=(root / "in", args.only, args.testdata))
        maker.start()
        maker.join()
        if maker.exitcode:
            sys.exit("could not generate the files")
        if args.keep:
            shutil.copytree(root / "in", args.keep, dirs_exist_ok=True)
        faults = measure(os.path.realpath(args.program), root, args.testdata.resolve())
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
