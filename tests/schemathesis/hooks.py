"""What schemathesis is told about the face under test: live ids in paths, keys, and what was answered.

run.py names this file to schemathesis, and says through the environment which face it is.
"""

import atexit
import collections
import json
import os
import threading
import uuid
import zlib

import schemathesis

from faces import FACES

FACE = FACES[os.environ["TESSERA_FACE"]](json.loads(os.environ["TESSERA_READY"]))
# One in so many requests keeps the id that was generated, to be answered with 404.
KEPT = 4

_lock = threading.Lock()
_live = {}
_answered = collections.defaultdict(collections.Counter)
_succeeded = set()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Puts what exists into requests, in the places where nothing is wrong on purpose."""
    operation = case.operation
    if case.meta is None or case.method.upper() != operation.method.upper():
        return
    drawn = zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode())
    _distinct_key(case, drawn)
    if drawn % KEPT == 0 and operation.label in _succeeded:
        return
    ids = _ids(operation)
    for location, values in (("path", case.path_parameters), ("query", case.query), ("header", case.headers)):
        if not values or _is_negative(case, location):
            continue
        for name in list(values):
            if name in ids:
                values[name] = ids[name]
    # One body in so many is one that is known to be right; until one has succeeded, all are.
    if not _is_negative(case, "body") and (operation.label not in _succeeded or drawn % KEPT == 1):
        body = FACE.body(operation.label, ids)
        if body is not None:
            case.body = body


def _ids(operation):
    with _lock:
        if operation.label not in _live:
            _live[operation.label] = FACE.fixed() | (FACE.live(operation.path) if "{" in operation.path else {})
        ids = _live[operation.label]
        if operation.method.upper() == "DELETE" or operation.label in FACE.once:
            # What is deleted, or can be done once, is not there for the next one.
            del _live[operation.label]
        return ids


def _distinct_key(case, drawn):
    """Requests that differ get idempotency keys that differ: otherwise all but the first are conflicts."""
    if case.headers and "Idempotency-Key" in case.headers and not _is_negative(case, "header"):
        case.headers["Idempotency-Key"] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{case.operation.label} {drawn}"))


@schemathesis.hook
def after_call(context, case, response):
    """Counts the answers of each operation."""
    if case.method.upper() == case.operation.method.upper():
        with _lock:
            _answered[case.operation.label][response.status_code] += 1
            if response.status_code < 300:
                _succeeded.add(case.operation.label)


@atexit.register
def _report():
    with open(os.environ["TESSERA_ANSWERED"], "w", encoding="utf-8") as file:
        json.dump({label: dict(counts) for label, counts in _answered.items()}, file)


def _is_negative(case, location):
    return any(
        known.value == location and component.mode.is_negative for known, component in case.meta.components.items()
    )
