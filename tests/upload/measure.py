#!/usr/bin/env python3
"""Checks guarantees of uploads and measures their throughput, against a minimal server.

    tests/upload/measure.py PROGRAM [starts|swaps|throughput|canary]...

starts: 50 runs start at once with one session; one sends, and the others wait and send nothing again.
swaps: 500 files are replaced between screening and sending; only screened bytes are sent.
throughput: time and memory, compared with `curl -Z` for the same files.
canary: key, hash and password appear in no output, journal or process list.
The statements are generated and use invented accounts. Exits with 1 if a guarantee is violated."""

import collections, glob, hashlib, json, os, pathlib, random, shutil, subprocess, sys, tempfile, threading, time

from faults import Server, statement

PROGRAM = os.path.abspath(sys.argv[1])
MEGABYTE = 1 << 20


def folder_of(count, padding=0):
    """Creates a folder with statements in `in`, each with `padding` extra bytes; returns it and the hashes."""
    folder, rng = tempfile.mkdtemp(), random.Random(1)
    os.mkdir(f"{folder}/in")
    hashes = set()
    for number in range(count):
        content = statement(number)
        if padding:
            # Inserted before the cross-reference table, so that the offsets of all objects stay valid.
            cut = content.rindex(b"xref\n0 ")
            extra = b"9 0 obj\n<</Length %d>>stream\n%s\nendstream\nendobj\n" % (padding, rng.randbytes(padding))
            head, tail = content[:cut] + extra, content[cut:].split(b"startxref")[0]
            content = head + tail + b"startxref\n%d\n%%%%EOF\n" % len(head)
        hashes.add(hashlib.sha256(content).hexdigest())
        pathlib.Path(f"{folder}/in/{number}.pdf").write_bytes(content)
    return folder, hashes


def call(folder, server, *more, key="test-key", out=subprocess.PIPE, err=subprocess.PIPE):
    env = {"HOME": folder, "BANKSCREEN_STATE_DIR": f"{folder}/state", "BANKSCREEN_API_KEY": key,
           "BANKSCREEN_SERVER_HASH": key.replace("key", "hash"), "BANKSCREEN_BASE_URL": url(server)}
    args = [PROGRAM, "upload", "--session-id", "s-1", "--format", "ndjson", *more, f"{folder}/in"]
    return subprocess.Popen(args, env=env, stdout=out, stderr=err)


def url(server):
    return "http://127.0.0.1:%d/api" % server.socket.getsockname()[1]


def records(out):
    lines = [json.loads(line) for line in out.splitlines()]
    return [line for line in lines if line["type"] == "file"]


def starts():
    folder, hashes = folder_of(60)
    server = Server(0.0)
    # A report that nobody reads would block its run, which keeps the session meanwhile.
    children = [call(folder, server, out=subprocess.DEVNULL) for _ in range(50)]
    ends = [(child, *child.communicate()) for child in children]
    shutil.rmtree(folder)
    codes = collections.Counter(child.returncode for child, _, _ in ends)
    twice = sum(times > 1 for times in server.accepted.values())
    print(f"50 starts into one session: exit codes {dict(codes)}; {len(server.accepted)} of {len(hashes)} files "
          f"accepted, {twice} twice")
    # 75: another process used the session for a minute.
    wrong = [err.decode()[-300:] for child, _, err in ends if child.returncode not in (0, 75)]
    if wrong:
        print("   other errors", set(wrong))
    return not codes[0] or bool(wrong) or twice or set(server.accepted) != hashes


def swaps():
    folder, hashes = folder_of(500)
    server, swapped = Server(0.0), 0
    child = call(folder, server, "--concurrency", "2")
    out = []
    reader = threading.Thread(target=lambda: out.append(child.communicate()[0]))
    reader.start()
    while not server.accepted and reader.is_alive():
        time.sleep(0.001)
    # All files are screened now. Replaces the last files first, alternately by rename and in place.
    for number, path in enumerate(sorted(glob.glob(f"{folder}/in/*.pdf"), reverse=True)):
        other = statement(10_000 + number)
        if number % 2:
            pathlib.Path(f"{folder}/other").write_bytes(other)
            os.replace(f"{folder}/other", path)
        else:
            pathlib.Path(path).write_bytes(other)
        swapped += 1
        time.sleep(0.001)
    reader.join()
    shutil.rmtree(folder)
    outcomes = collections.Counter(r["upload"]["code"] or r["upload"]["outcome"] for r in records(out[0]))
    foreign = set(server.accepted) - hashes
    print(f"{swapped} swaps: {dict(outcomes)}; {len(server.accepted)} accepted, {len(foreign)} not screened")
    return foreign or outcomes["FILE_CHANGED"] < 100 or outcomes["accepted"] != len(server.accepted)


class TimedServer(Server):
    """Records the time of the first request and of the last response."""

    def guarded(self, peer):
        with self.lock:
            self.first = getattr(self, "first", time.monotonic())
        super().guarded(peer)
        self.last = time.monotonic()


def record_peak(child, peaks):
    """Records the peak memory of a process. The value of wait4 would include this script's memory."""
    while child.poll() is None:
        try:
            lines = pathlib.Path(f"/proc/{child.pid}/status").read_text().splitlines()
        except OSError:
            return
        peaks[0] = max([peaks[0], *(int(l.split()[1]) * 1024 for l in lines if l.startswith("VmHWM"))])
        time.sleep(0.005)


def throughput():
    count, size, max_memory = 96, 2 * MEGABYTE, 0
    folder, hashes = folder_of(count, size)
    times = {"bankscreen": [], "curl": []}
    for _ in range(3):
        server = TimedServer(0.0)
        shutil.rmtree(f"{folder}/state", ignore_errors=True)
        child = call(folder, server, "--concurrency", "8")
        errors = child.stderr
        peaks = [0]
        threading.Thread(target=record_peak, args=(child, peaks), daemon=True).start()
        out = child.stdout.read()
        child.wait()
        if set(server.accepted) != hashes:
            print(f"exit {child.returncode}:", errors.read().decode()[-300:],
                  collections.Counter(r["upload"]["code"] for r in records(out)))
            return True
        times["bankscreen"].append(server.last - server.first)
        max_memory = max(max_memory, peaks[0])
        server = TimedServer(0.0)
        args = []
        for path in sorted(glob.glob(f"{folder}/in/*.pdf")):
            # Without `Expect: 100-continue`, which the server does not support.
            args += ["-H", "Expect:", "-H", "Connection: close", "-F", f"file=@{path};type=application/pdf",
                     "-o", "/dev/null", url(server), "--next"]
        subprocess.run(["curl", "--no-progress-meter", "-Z", "--parallel-max", "8", "--parallel-immediate", *args[:-1]], check=False)
        # curl drops a connection occasionally. Its time is scaled to the files that it sent.
        share = len(server.accepted) / count
        times["curl"].append((server.last - server.first) / share)
    shutil.rmtree(folder)
    best = {name: min(found) for name, found in times.items()}
    factor = best["bankscreen"] / best["curl"]
    in_flight = 8 * size
    own = (max_memory - in_flight) / 1e6
    print(f"{count} files of 2 MiB at concurrency 8: {best['bankscreen']:.2f} s, curl -Z {best['curl']:.2f} s, factor "
          f"{factor:.2f}; peak memory {max_memory / 1e6:.0f} MB, of which {own:.0f} MB are not files in flight")
    return factor > 1.3 or own > 60


def canary():
    testdata = pathlib.Path(__file__).resolve().parents[2] / "testdata"
    folder, _ = folder_of(20)
    locked = sorted((testdata / "encrypted").glob("*.pdf"))
    for path in locked:
        shutil.copy(path, f"{folder}/in")
    words = (testdata / "passwords.txt").read_text().split("\n")
    words = sorted({word for word in words if len(word) > 5 and " " not in word}) + ["canary-password-93ab"]
    pathlib.Path(f"{folder}/words").write_text("\n".join(words))
    secrets = [b"canary-key-5f1c", b"canary-hash-5f1c"] + [word.encode() for word in words]
    texts = {}
    for name, rate in (("no faults", 0.0), ("faults", 0.6)):
        shutil.rmtree(f"{folder}/state", ignore_errors=True)
        server = Server(rate)
        with tempfile.TemporaryFile() as out_file, tempfile.TemporaryFile() as err_file:
            child = call(folder, server, "--password-file", f"{folder}/words", "--bankless", "-v",
                         "--log-file", f"{folder}/log",
                         key="canary-key-5f1c", out=out_file, err=err_file)
            process_list = b""
            while child.poll() is None:
                for process in [child.pid, *children(child.pid)]:
                    try:
                        process_list += pathlib.Path(f"/proc/{process}/cmdline").read_bytes()
                    except OSError:
                        pass
                time.sleep(0.002)
            out_file.seek(0), err_file.seek(0)
            out, err = out_file.read(), err_file.read()
        journal = b"".join(p.read_bytes() for p in pathlib.Path(f"{folder}/state").rglob("*") if p.is_file())
        texts.update({f"{name}: output": out, f"{name}: errors": err, f"{name}: process list": process_list,
                     f"{name}: journal": journal, f"{name}: log": pathlib.Path(f"{folder}/log").read_bytes()})
    invalid = subprocess.run([PROGRAM, "upload", "--session-id", "s", "--log-file", f"{folder}/log", folder], capture_output=True, check=False,
                             env={"HOME": folder, "BANKSCREEN_API_KEY": "canary-key-5f1c\n\x01",
                                  "BANKSCREEN_BASE_URL": "http://user:canary-key-5f1c@127.0.0.1:9/"})
    texts["invalid settings"] = invalid.stdout + invalid.stderr + pathlib.Path(f"{folder}/log").read_bytes()
    shutil.rmtree(folder)
    found = [(source, secret) for source, text in texts.items() for secret in secrets if secret in text]
    sizes = {source: len(text) for source, text in texts.items()}
    print(f"canaries: {len(secrets)} secrets, {len(locked)} locked files; found {found or 'nowhere'} in {sizes}")
    return bool(found) or not sizes["no faults: output"] or not sizes["no faults: process list"] or not sizes["no faults: log"]


def children(pid):
    found = []
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            found += pathlib.Path(path).read_text().split()
        except OSError:
            pass
    return found


MEASURES = {"starts": starts, "swaps": swaps, "throughput": throughput, "canary": canary}
sys.exit(any([bool(MEASURES[name]()) for name in sys.argv[2:] or MEASURES]))
