"""Runs schemathesis against the faces of a vault: every operation of every OpenAPI document.

    python tests/schemathesis/run.py --vault target/debug/tessera-vault [--face fluidpay ...]

The vault is started here, on a free port and a temporary directory, and ended at the end. Besides what
schemathesis checks, every operation must have succeeded at least once, unless faces.py says why it cannot.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from faces import FACES  # noqa: E402
from vault import Vault  # noqa: E402


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--vault", required=True, help="the vault's executable")
    arguments.add_argument("--face", action="append", choices=sorted(FACES), help="only this face; can be repeated")
    chosen = arguments.parse_args()
    failed = []
    with Vault(os.path.abspath(chosen.vault)) as vault:
        names = chosen.face or list(FACES)
        # Each run is one process that keeps one core busy.
        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            runs = {pool.submit(_passes, vault, FACES[name](vault.ready)): name for name in names}
            for run in concurrent.futures.as_completed(runs):
                passed, lines = run.result()
                print("\n".join(lines), flush=True)
                if not passed:
                    failed.append(runs[run])
        if "panicked" in vault.log():
            failed.append("a request handler panicked")
    if failed:
        print("FAILED: " + ", ".join(failed), flush=True)
        raise SystemExit(1)


def _passes(vault, face):
    """Runs schemathesis on one face; tells whether it conforms, and what was printed."""
    started = time.monotonic()
    print(f"--- {face.name}: {face.base}/openapi.json is begun", flush=True)
    with tempfile.TemporaryDirectory(prefix="tessera-schemathesis-") as directory:
        answered = os.path.join(directory, "answered.json")
        config = os.path.join(directory, "schemathesis.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write((HERE / "schemathesis.toml").read_text(encoding="utf-8") + face.config())
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", config]
        command += ["run", face.base + "/openapi.json", "--url", face.base]
        environment = dict(
            os.environ,
            SCHEMATHESIS_HOOKS=str(HERE / "hooks.py"),
            TESSERA_FACE=face.name,
            TESSERA_READY=json.dumps(vault.ready),
            TESSERA_ANSWERED=answered,
            PYTHONPATH=str(HERE),
            PYTHONDONTWRITEBYTECODE="1",
            NO_COLOR="1",
        )
        # What schemathesis keeps for itself lands in the temporary directory.
        done = subprocess.run(
            command, cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        conforms = done.returncode == 0 and os.path.exists(answered)
        # What conforms needs no pages of output.
        lines = [] if conforms else [_shortened(line) for line in done.stdout.splitlines()]
        if os.path.exists(answered):
            with open(answered, encoding="utf-8") as file:
                conforms = _all_succeeded(face, json.load(file), lines) and conforms
    outcome = "conforms" if conforms else "DOES NOT CONFORM"
    lines.append(f"--- {face.name}: {outcome}, {time.monotonic() - started:.1f} s")
    return conforms, lines


def _shortened(line):
    return line if len(line) <= 1000 else line[:1000] + f"... ({len(line)} characters)"


def _all_succeeded(face, answered, lines):
    """Adds how often each operation was answered how, and tells whether each has succeeded."""
    missing = []
    for label, counts in sorted(answered.items()):
        successes = sum(count for status, count in counts.items() if status.startswith("2"))
        shown = " ".join(f"{status}:{count}" for status, count in sorted(counts.items()))
        lines.append(f"    {label:<64} {shown}")
        if successes == 0 and label not in face.unreached:
            missing.append(label)
    for label in missing:
        lines.append(f"    {label} never succeeded: its answer was not checked")
    return not missing


if __name__ == "__main__":
    main()
