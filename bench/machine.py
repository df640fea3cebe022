"""What the measurements need: built binaries, servers that are started and ended, accounts, and load."""

import concurrent.futures
import http.client
import json
import os
import pathlib
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
PALISADE = TARGET / "release" / "palisade"
PEERS = TARGET / "peers" / "release"
# Long enough for any answer a healthy server gives.
PATIENCE = 30
SERVER_CORE, LOAD_CORE = "0", "1"
CARGO = ["cargo", "build", "--release", "--locked"]
# All tokens are issued in this name, whichever port a server has.
ISSUER = "http://localhost:8000"
# Written by every server itself, or true of one connection only.
OWN_HEADERS = {"content-length", "content-type", "date", "connection", "keep-alive", "transfer-encoding"}


def build():
    subprocess.run([*CARGO, "-p", "palisade-server"], cwd=ROOT, check=True)
    build_peers()


def build_peers():
    peers = ["--manifest-path", BENCH / "peers" / "Cargo.toml", "--target-dir", TARGET / "peers"]
    subprocess.run([*CARGO, *peers], check=True)


def describe():
    """The machine and the commit, for the head of a table."""
    model = next(line for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name"))
    git = ["git", "-C", ROOT]
    commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    # What only documents does not change what is measured.
    measured = ["crates", "bench/peers", "bench/routes", "Cargo.toml", "Cargo.lock"]
    changed = [*git, "status", "--porcelain", "--", *measured]
    dirty = subprocess.run(changed, capture_output=True, text=True, check=True).stdout
    return (
        f"{os.cpu_count()} cores of {model.split(':')[1].strip()}, Linux {platform.release()}, "
        f"{time.strftime('%Y-%m-%d')}, commit {commit.stdout.strip()}{' with changes' if dirty else ''}"
    )


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A server that runs as long as the `with` block does; only this very process is ended."""

    def __init__(self, name, command, port, environment=None, core=None, log=None):
        self.name, self.port = name, port
        pinned = ["taskset", "-c", core] if core else []
        self.command = [str(part) for part in [*pinned, *command]]
        self.environment = {**os.environ, **(environment or {})}
        self.log = log

    def __enter__(self):
        output = open(self.log, "ab") if self.log else subprocess.DEVNULL
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        if self.log:
            output.close()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_until_it_answers(self, path="/me", pause=0.02, patience=PATIENCE):
        """Waits for an answer, whatever its status."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended with {self.process.returncode}; its log: {self.log}")
            try:
                return self.ask("GET", path)
            except OSError:
                time.sleep(pause)
        raise SystemExit(f"{self.name} did not answer within {patience} s; its log: {self.log}")

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            return ask(connection, method, path, body, headers)
        finally:
            connection.close()

    def cpu_seconds(self):
        # The clock of another process, to a nanosecond (CPUCLOCK_SCHED of Linux): short rounds need more than /proc says.
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def memory_kib(self):
        """Resident memory by kind: all, its own, and pages of files (the binary, the database)."""
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        sizes = dict(line.split(":", 1) for line in lines)
        return {kind: int(sizes[kind].split()[0]) for kind in ("VmRSS", "RssAnon", "RssFile", "VmHWM")}


def ask(connection, method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def palisade(name, data, port, environment=None, core=None, binary=PALISADE, under=()):
    """A server of ours; `under` is the command that runs it, if it is not run by itself."""
    command = [*under, binary, "serve", "--listen", f"127.0.0.1:{port}", "--data", data]
    return Server(name, command, port, environment, core, data.parent / f"{name}.log")


def settings(**more):
    """What differs from the default configuration, and does not touch how a request is checked."""
    return {
        "PALISADE__SERVER__ISSUER": ISSUER,
        # Tokens outlive the run.
        "PALISADE__TOKENS__LIFETIME_SECONDS": "86400",
        # One address signs everybody up.
        "PALISADE__LIMITS__SIGN_UP_BURST": "1000000",
        **more,
    }


def observe(server, token):
    """What Palisade answers to one token: the others shall answer the same."""
    answer = server.ask("GET", "/me", headers={"Authorization": f"Bearer {token}"})
    account = expect(200, answer)
    keys = json.loads(server.ask("GET", "/.well-known/jwks.json")[2])["keys"]
    assert len(keys) == 1, "one key signed all tokens"
    same = {name.lower(): value for name, value in answer[1].items() if name.lower() not in OWN_HEADERS}
    return {"account": account, "headers": same, "issuer": ISSUER, "key": keys[0]}


def binaries(said):
    """`NAME=PATH`, as often as it was said."""
    named = dict(one.split("=", 1) for one in said)
    return {name: pathlib.Path(path).resolve(strict=True) for name, path in named.items()}


def in_parallel(server, work, items, connections=8):
    """`work(connection, item)` for each item, in order, over a few keep-alive connections."""

    def share(part):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        try:
            return [work(connection, item) for item in part]
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        parts = list(pool.map(share, [items[start::connections] for start in range(connections)]))
    results = [None] * len(items)
    for start, part in enumerate(parts):
        results[start::connections] = part
    return results


def expect(status, answer):
    if answer[0] != status:
        raise SystemExit(f"expected {status}, got {answer[0]}: {answer[2][:300]!r}")
    return json.loads(answer[2])


def account(number):
    return {"username": f"account-{number:05}", "password": f"wooden palings {number:05} in a row"}


def sign_in_form(number):
    return urllib.parse.urlencode({"grant_type": "password", **account(number)})


def sign_up(server, count):
    def one(connection, number):
        body = json.dumps({**account(number), "email": f"account-{number:05}@example.org"})
        expect(201, ask(connection, "POST", "/signup", body, {"Content-Type": "application/json"}))

    in_parallel(server, one, range(count))


def sign_in(server, numbers):
    """An access token for each of the accounts named."""

    def one(connection, number):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return expect(200, ask(connection, "POST", "/token", sign_in_form(number), form))["access_token"]

    return in_parallel(server, one, numbers)


def load(server, script, seconds, connections, files, core=None):
    """What wrk got out of the server, and what that cost the server."""
    pinned = ["taskset", "-c", core] if core else []
    wrk = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", BENCH / script]
    environment = {**os.environ, **files, "REPORT": BENCH / "report.lua"}
    before = server.cpu_seconds()
    run = subprocess.run(
        [*pinned, *wrk, f"http://127.0.0.1:{server.port}"],
        env=environment, capture_output=True, text=True, timeout=seconds + PATIENCE, check=True,
    )
    spent = server.cpu_seconds() - before
    report = json.loads(run.stdout.splitlines()[-1])
    length = report["microseconds"] / 1e6
    report["rate"] = report["requests"] / length
    report["busy"] = spent / length
    report["cpu_microseconds"] = spent * 1e6 / max(report["requests"], 1)
    return report


def ratios(runs, others, key="rate"):
    """What the rounds' ratios are: their median, the least and the greatest."""
    of_rounds = [run[key] / other[key] for run, other in zip(runs, others)]
    return statistics.median(of_rounds), min(of_rounds), max(of_rounds)


def workspace():
    """A folder for the run, gone when it ends."""
    return tempfile.TemporaryDirectory(prefix="palisade-bench-")


def say(text):
    print(text, file=sys.stderr, flush=True)
