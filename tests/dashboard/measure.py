#!/usr/bin/env python3
"""Measures the dashboard on a pseudo-terminal: first frame, keys, idle cost, bytes, memory, shutdown.

    tests/dashboard/measure.py PROGRAM [FILES] [MANY]

FILES small statements (default 10000) are screened while keys are pressed. MANY files (default
100000) are listed only. Uploads go to a server in this script. Requires only Python and Linux."""

import fcntl, glob, os, pathlib, pty, random, select, shutil, signal, struct, subprocess, sys, tempfile, termios, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "upload"))
import faults

SESSION = "8d5ea22b-4f0c-4c1e-9e5d-0a1b2c3d4e5f"


class Terminal:
    def __init__(self, program, args, columns=100, rows=28, **more):
        self.master, slave = pty.openpty()
        self.resize(columns, rows)
        env = {"HOME": folder, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "TZ": "UTC",
               "BANKSCREEN_STATE_DIR": f"{folder}/state", "PATH": os.environ["PATH"], **more}
        self.started = time.monotonic()
        self.child = subprocess.Popen([program, *args], stdin=slave, stdout=slave, stderr=slave, env=env,
                                      preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))
        os.close(slave)
        self.seen = b""

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """Reads the next output; returns b"" if there is none within this time."""
        if not select.select([self.master], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self.master, 1 << 20)
        except OSError:
            return b""

    def wait(self, text, seconds=60):
        """Waits until a text is written. Returns the seconds."""
        start, data = time.monotonic(), b""
        while text not in data:
            assert time.monotonic() - start < seconds, f"timeout waiting for {text}: {data[-300:]}"
            data += self.read(1)
        return time.monotonic() - start

    def first_frame(self):
        """Returns the milliseconds from the start of the program to its first frame."""
        self.wait(b"bankscreen")
        return (time.monotonic() - self.started) * 1000

    def drain(self, seconds):
        """Returns the number of bytes written within this time."""
        end, count = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            count += len(self.read(max(0, end - time.monotonic())))
        return count

    def keys(self, text):
        os.write(self.master, text.encode())

    def cpu(self):
        fields = open(f"/proc/{self.child.pid}/stat").read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self):
        line = next(l for l in open(f"/proc/{self.child.pid}/status") if l.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def quit(self, seconds=180):
        """Quits once no upload is in progress: until then, q asks and Esc stays."""
        end = time.monotonic() + seconds
        while self.child.poll() is None:
            assert time.monotonic() < end, f"still running after {seconds} s"
            self.drain(1)
            self.keys("q")
            # A terminal that is not read would block the program's last output.
            while self.child.poll() is None and self.read(1):
                pass
            if self.child.poll() is None:
                self.keys("\x1b")
        os.close(self.master)

    def end(self):
        self.child.kill()
        self.child.wait()
        os.close(self.master)
        # The next start would ask whether to continue with the queue of this one.
        for queue in glob.glob(f"{folder}/state/dashboard-queue-*.json"):
            os.remove(queue)


def latencies(terminal, count):
    """Returns the milliseconds from a key to its effect on the screen: median, p99, maximum."""
    times = []
    for _ in range(count):
        terminal.drain(random.uniform(0.01, 0.06))
        terminal.keys("?")
        times.append(terminal.wait(b"Up/Down") * 1000)
        terminal.drain(0.02)
        terminal.keys("\x1b")
        terminal.drain(0.06)
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.99)], times[-1]


def screened(program, count):
    terminal = Terminal(program, [f"{folder}/in"])
    first = terminal.first_frame()
    terminal.drain(0.1)
    terminal.keys("\x1b")
    median, p99, worst = latencies(terminal, 60)
    print(f"{count} files: first frame {first:.0f} ms; key to screen while screening: median {median:.1f} ms, "
          f"p99 {p99:.1f} ms, max {worst:.1f} ms")
    while terminal.drain(1):
        pass
    print(f"   memory after all are screened: {terminal.peak():.0f} MB")
    before = terminal.cpu()
    count = terminal.drain(10)
    print(f"   idle for 10 s: {count} bytes, {(terminal.cpu() - before) * 10:.2f} % CPU")
    terminal.end()


def listed(program, count):
    terminal = Terminal(program, [f"{folder}/many"])
    first = terminal.first_frame()
    terminal.drain(0.1)
    terminal.keys("\x1b")
    while terminal.drain(1):
        pass
    median, p99, worst = latencies(terminal, 60)
    moves = []
    for key in "GgGgjjjjkkkk" * 4:
        terminal.drain(0.03)
        terminal.keys(key)
        start = time.monotonic()
        terminal.read(1)
        moves.append((time.monotonic() - start) * 1000)
    print(f"{count} rows: first frame {first:.0f} ms; key to screen: median {median:.1f} ms, p99 {p99:.1f} ms; "
          f"moving: max {max(moves):.1f} ms; memory {terminal.peak():.0f} MB")
    terminal.end()


def uploading(program, files):
    server = faults.Server(0.1)
    serve = server.serve
    server.serve = lambda peer: (time.sleep(0.15), serve(peer))
    os.mkdir(f"{folder}/up")
    for name in sorted(os.listdir(f"{folder}/in"))[:files]:
        os.link(f"{folder}/in/{name}", f"{folder}/up/{name}")
    env = {"BANKSCREEN_API_KEY": "test-key", "SSH_CONNECTION": "127.0.0.1 1 127.0.0.1 22",
           "BANKSCREEN_BASE_URL": "http://127.0.0.1:%d/bank-connect" % server.socket.getsockname()[1]}
    terminal = Terminal(program, [f"{folder}/up", "--session-id", SESSION], 80, 24, **env)
    terminal.wait(b"bankscreen")
    while terminal.drain(1):
        pass
    terminal.keys("u\r")
    terminal.drain(0.2)
    rates, start = [], time.monotonic()
    while sum(server.accepted.values()) < files and time.monotonic() - start < 60:
        rates.append(terminal.drain(1))
    print(f"uploading {files} files over SSH, 80x24: {max(rates)} bytes in the busiest second, "
          f"{sum(rates) / len(rates):.0f} on average; received twice: {sum(n > 1 for n in server.accepted.values())}")
    terminal.end()


def uploaded_once(program):
    """Uploads files of all kinds, also locked ones, with faults: three runs upload each file once."""
    server = faults.Server(0.1)
    cases = pathlib.Path(__file__).resolve().parents[2] / "testdata"
    os.mkdir(f"{folder}/all")
    for index, path in enumerate(sorted(cases.glob("[beps]*/*.pdf"))[:120]):
        shutil.copy(path, f"{folder}/all/{index:03}-{path.name}")
    for name in sorted(os.listdir(f"{folder}/in"))[:200 - len(os.listdir(f"{folder}/all"))]:
        os.link(f"{folder}/in/{name}", f"{folder}/all/{name}")
    env = {"BANKSCREEN_API_KEY": "test-key", "BANKSCREEN_STATE_DIR": f"{folder}/once",
           "BANKSCREEN_BASE_URL": "http://127.0.0.1:%d/bank-connect" % server.socket.getsockname()[1]}
    taken = []
    for start in range(3):
        terminal = Terminal(program, [f"{folder}/all", "--session-id", SESSION], **env)
        terminal.wait(b"bankscreen")
        while terminal.drain(1):
            pass
        if start == 0:
            # The password of the locked files.
            terminal.keys("p512LEENA1988\r")
            terminal.drain(1)
        terminal.keys("u\r")
        terminal.quit()
        taken.append(sum(server.accepted.values()))
    print(f"{len(os.listdir(f'{folder}/all'))} files of all kinds with faults in 1 of 10: received after each of three "
          f"runs {taken}, twice {sum(n > 1 for n in server.accepted.values())}")


def random_input(program):
    """Sends random keys and sizes, then ends the program by a signal."""
    rng = random.Random(7)
    terminal = Terminal(program, [f"{folder}/up"])
    terminal.wait(b"bankscreen")
    for step in range(10000):
        terminal.keys(rng.choice("jkgG 1234?:/abcdefghimnoprtvwxyOS*-\t\r\x1b\x15\x17"))
        if step % 10 == 0:
            terminal.resize(rng.randint(1, 200), rng.randint(1, 60))
        terminal.read(0.0005)
    alive = terminal.child.poll() is None
    terminal.resize(80, 24)
    terminal.drain(0.5)
    terminal.child.send_signal(signal.SIGTERM)
    data, end = b"", time.monotonic() + 8
    while terminal.child.poll() is None and time.monotonic() < end:
        data += terminal.read(0.1)
    data += terminal.read(0.2)
    print(f"10000 random keys, 1000 sizes: alive {alive}, then exit {terminal.child.poll()}, "
          f"terminal restored {b'?1049l' in data}")
    os.close(terminal.master)


def disconnected(program):
    """Measures the time to exit after the terminal is closed."""
    worst = 0
    for _ in range(5):
        terminal = Terminal(program, [f"{folder}/up"])
        terminal.wait(b"bankscreen")
        # The hangup signal is ignored, as below a wrapper.
        os.close(terminal.master)
        start = time.monotonic()
        terminal.child.wait(20)
        worst = max(worst, time.monotonic() - start)
    print(f"terminal gone: ended within {worst:.2f} s, exit {terminal.child.returncode}")


def main():
    global folder
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    many = int(sys.argv[3]) if len(sys.argv) > 3 else 100000
    folder = tempfile.mkdtemp()
    try:
        os.mkdir(f"{folder}/in")
        for number in range(count):
            open(f"{folder}/in/{number:05}.pdf", "wb").write(faults.statement(number))
        os.mkdir(f"{folder}/many")
        for number in range(many):
            open(f"{folder}/many/{number:06}.pdf", "wb").write(b"not a statement %d" % number)
        screened(program, count)
        listed(program, many)
        uploading(program, 200)
        uploaded_once(program)
        random_input(program)
        disconnected(program)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
