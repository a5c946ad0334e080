#!/usr/bin/env python3
"""Uploads to a server that fails on purpose, and counts files that are uploaded twice, lost or misreported.

    tests/upload/faults.py PROGRAM [FILES] [KILLS]

The server is independent of the program: it uses sockets and hashes only. The statements are generated
and use invented accounts. Prints a summary. Exits with 1 if a guarantee is violated."""

import collections, hashlib, json, os, random, shutil, signal, socket, subprocess, sys, tempfile, threading, time

FAULTS = ["before", "during", "after", "429", "503", "500", "502", "cut", "nonsense"]


class Server:
    def __init__(self, rate):
        self.rate, self.random = rate, random.Random(7)
        self.lock = threading.Lock()
        self.accepted, self.names, self.hits = collections.Counter(), [], collections.Counter()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        threading.Thread(target=self.loop, daemon=True).start()

    def loop(self):
        while True:
            peer, _ = self.socket.accept()
            threading.Thread(target=self.guarded, args=(peer,), daemon=True).start()

    def guarded(self, peer):
        with peer:
            try:
                self.serve(peer)
            except OSError:
                pass

    def serve(self, peer):
        data = b""
        while b"\r\n\r\n" not in data:
            more = peer.recv(65536)
            if not more:
                return
            data += more
        head, body = data.split(b"\r\n\r\n", 1)
        if head.startswith(b"GET"):
            with self.lock:
                listed = [{"statement_id": "s-" + n, "upload_file_name": n} for n in self.names]
            status = {"upload_status": "IN_PROGRESS", "accounts": [{"statements": listed}]}
            return respond(peer, "200 OK", json.dumps(status))
        lines = head.lower().split(b"\r\n")
        length = int(next(l for l in lines if l.startswith(b"content-length")).split(b":")[1])
        with self.lock:
            fault = self.random.choice(FAULTS) if self.random.random() < self.rate else None
            self.hits[fault] += 1
        if fault == "before":
            return
        bytes_to_read = length // 2 if fault == "during" else length
        while len(body) < bytes_to_read:
            more = peer.recv(65536)
            if not more:
                return
            body += more
        if fault == "during":
            return
        if fault == "429":
            return respond(peer, "429 Slow", "{}", "Retry-After: 0\r\n")
        if fault == "503":
            return respond(peer, "503 Later", "{}", "Retry-After: 0\r\n")
        boundary = body.split(b"\r\n", 1)[0]
        name, rest = body.split(b'filename="', 1)[1].split(b'"', 1)
        content = hashlib.sha256(rest.split(b"\r\n\r\n", 1)[1].split(b"\r\n" + boundary)[0]).hexdigest()
        with self.lock:
            self.accepted[content] += 1
            self.names.append(name.decode())
        time.sleep(0.01)
        if fault == "500":
            return respond(peer, "500 No", "")
        if fault == "502":
            return respond(peer, "502 Bad", "<html>bad gateway</html>")
        if fault == "nonsense":
            return respond(peer, "200 OK", "nonsense")
        if fault == "cut":
            return peer.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"statement')
        if fault is None:
            respond(peer, "200 OK", json.dumps({"statement_id": "s-1", "bank_name": "axis", "status": 1}))


def respond(peer, status, body, headers=""):
    body = body.encode()
    peer.sendall(f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def statement(number):
    """Returns a statement PDF of one page."""
    rows = [(800, 50, "AXIS BANK"), (780, 50, "Statement of Account"),
            (760, 50, "Account No : 9240200%08d" % number), (745, 50, "IFSC Code : UTIB0000417"),
            (730, 50, "Statement Period : 01/04/2024 to 30/04/2024")]
    cells = [("Date", "Particulars", "Debit", "Credit", "Balance")]
    cells += [("%02d/04/2024" % day, "NEFT TRANSFER %d" % (number * 31 + day), "%d.00" % (day * 10), "",
               "%d.00" % (900000 + number * 100 - day * 10)) for day in range(1, 20)]
    for line, row in enumerate(cells):
        rows += [(700 - 14 * line, x, text) for x, text in zip((50, 130, 330, 400, 470), row)]
    text = "".join(f"BT /F1 9 Tf {x} {y} Td ({t}) Tj ET\n" for y, x, t in rows)
    parts = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
             "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
             f"<</Length {len(text)}>>stream\n{text}endstream",
             "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"]
    out, offsets = "%PDF-1.4\n", []
    for object_number, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += f"{object_number} 0 obj\n{part}\nendobj\n"
    start = len(out)
    out += "xref\n0 6\n0000000000 65535 f \n" + "".join("%010d 00000 n \n" % o for o in offsets)
    return (out + f"trailer<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").encode()


def check(title, server, records, files):
    twice = sum(times > 1 for times in server.accepted.values())
    counts = collections.Counter(r["upload"]["outcome"] for r in records)
    uploaded = ("accepted", "already-uploaded")
    wrong = sum((r["upload"]["outcome"] in uploaded and r["sha256"] not in server.accepted)
                or (r["upload"]["outcome"] in ("rejected", "skipped") and r["sha256"] in server.accepted) for r in records)
    foreign = len(set(server.accepted) - files)
    print(f"{title}: {len(server.accepted)} of {len(files)} files accepted, {twice} twice, {wrong} misreported, "
          f"{foreign} not screened, {len(files) - len(records)} lost")
    print("   outcomes", dict(counts), "  faults", dict(server.hits))
    return twice or wrong or foreign or len(records) != len(files)


def main():
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    kills = int(sys.argv[3]) if len(sys.argv) > 3 else 30
    folder = tempfile.mkdtemp()
    os.mkdir(f"{folder}/in")
    files = set()
    for number in range(count):
        content = statement(number)
        files.add(hashlib.sha256(content).hexdigest())
        open(f"{folder}/in/{number}.pdf", "wb").write(content)

    def call(server, state, **more):
        env = {"HOME": folder, "BANKSCREEN_STATE_DIR": f"{folder}/{state}", "BANKSCREEN_API_KEY": "test-key",
               "BANKSCREEN_SERVER_HASH": "test-hash",
               "BANKSCREEN_BASE_URL": "http://127.0.0.1:%d/api" % server.socket.getsockname()[1]}
        args = [program, "upload", "--session-id", "s-1", "--concurrency", "8", "--format", "ndjson", f"{folder}/in"]
        return subprocess.Popen(args, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def records(child):
        out, _ = child.communicate()
        lines = [json.loads(line) for line in out.splitlines()]
        return [line for line in lines if line["type"] == "file"]

    bad = False
    server = Server(0.1)
    started = time.time()
    bad |= bool(check("faults in 10 % of the uploads", server, records(call(server, "a")), files))
    print(f"   {time.time() - started:.1f} s")
    server, rng = Server(0.0), random.Random(3)
    for _ in range(kills):
        child = call(server, "b")
        time.sleep(rng.uniform(0.02, 0.6))
        child.send_signal(signal.SIGKILL)
        child.communicate()
    bad |= bool(check(f"{kills} kills, then a complete run", server, records(call(server, "b")), files))
    shutil.rmtree(folder)
    sys.exit(bad)


if __name__ == "__main__":
    main()
