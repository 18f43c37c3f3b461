"""A list of checks that run one after the other and print a line each."""
import sys
import time
import traceback
import uuid

CHECKS = []


def check(text, skipped=None):
    """Adds a check; `skipped` says why it cannot be done with this client, if it cannot."""
    def add(function):
        if skipped:
            print(f"skip   {text}: {skipped}", flush=True)
        else:
            CHECKS.append((text, function))
        return function
    return add


def name(prefix="conformance"):
    """Of a topic, a group or a transactional id that nobody used before."""
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def equal(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r} instead of {wanted!r}")


def eventually(condition, seconds=20, what="it"):
    """Asks until the answer is true."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.05)


def run(client):
    failed = 0
    for text, function in CHECKS:
        start = time.monotonic()
        try:
            function()
            verdict = "ok    "
        except Exception:
            failed += 1
            verdict = "FAILED"
            traceback.print_exc()
        print(f"{verdict} {client}: {text} ({time.monotonic() - start:.1f} s)", flush=True)
    print(f"{client}: {len(CHECKS) - failed} of {len(CHECKS)}", flush=True)
    sys.exit(1 if failed else 0)
