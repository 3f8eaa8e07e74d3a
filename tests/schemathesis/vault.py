"""A vault for the time of a run, and plain JSON calls to it."""

import base64
import json
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request


class Vault:
    """A development vault on a free port and a temporary directory."""

    def __init__(self, program):
        self._directory = tempfile.TemporaryDirectory(prefix="tessera-schemathesis-")
        banks = self._directory.name + "/banks"
        with open(banks, "w", encoding="utf-8") as directory:
            directory.write("021000021,First Example Bank\n")
        # In a session of its own, so that Ctrl-C reaches only the run, which ends it in order.
        self._process = subprocess.Popen(
            [program, "serve", "--dev", "--data", self._directory.name + "/data", "--listen", "127.0.0.1:0", "--bank-directory", banks],
            stdout=subprocess.PIPE,
            stderr=open(self._directory.name + "/log", "wb"),
            start_new_session=True,
        )
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the vault ended before it was ready: " + self.log()[-2000:])
        self.ready = json.loads(line)

    def log(self):
        """Everything the vault has logged."""
        with open(self._directory.name + "/log", encoding="utf-8", errors="replace") as log:
            return log.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._directory.cleanup()


def call(method, url, headers, body=None):
    """Sends JSON and returns status and answer; an empty answer is None."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=dict(headers))
    if data is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, _json(answer.read())
    except urllib.error.HTTPError as refusal:
        return refusal.code, _json(refusal.read())


def bearer(base, secret_key):
    """A fresh access token of Flute's client-credentials grant; the client id is the id part of the key."""
    client_id = secret_key.split("_")[2][:16]
    basic = base64.b64encode(f"{client_id}:{secret_key}".encode()).decode()
    form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
    request = urllib.request.Request(base + "/oauth2/token", data=form, headers={"Authorization": "Basic " + basic})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["access_token"]


def _json(data):
    try:
        return json.loads(data)
    except ValueError:
        return None
