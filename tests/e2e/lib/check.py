# SPDX-License-Identifier: BSD-2-Clause
"""Checks that print TAP, and the cases of a test file.

A file marks its cases with @case and ends with run().  A case that raises is
a failed check, and the next one still runs.
"""
import re
import sys
import time
import traceback

from . import server

_cases = []
_count = 0
_failed = 0


def _say(line):
    print(line, flush=True)


def _comment(text):
    for line in str(text).splitlines():
        plain = "".join(letter if letter.isprintable() else ascii(letter)[1:-1]
                        for letter in line)
        _say("# " + plain.encode("ascii", "backslashreplace").decode())


def note(text):
    """A figure that is to be seen."""
    _comment(text)


def ok(good, label, detail=None):
    """Whether something is as it should be; detail is shown where it is not."""
    global _count, _failed
    _count += 1
    label = " ".join(ascii(label)[1:-1].split()).replace("#", "\\#")
    _say(f"{'ok' if good else 'not ok'} {_count} - {label}")
    if not good:
        _failed += 1
        if detail is not None:
            _comment(detail)
    return bool(good)


def same(got, want, label):
    """Whether two values are equal."""
    return ok(got == want, label, f"got:  {got!r}\nwant: {want!r}")


def like(text, pattern, label):
    """Whether a pattern is found in a text."""
    return ok(re.search(pattern, text), label, f"pattern: {pattern}\nin: {text}")


def unlike(text, pattern, label):
    """Whether a pattern is not found in a text."""
    found = re.search(pattern, text)
    return ok(not found, label, f"pattern: {pattern}\nfound: {found and found.group(0)}")


def within(seconds, limit, label):
    """Whether something took no longer than it may."""
    return ok(seconds <= limit, label, f"took {seconds:.3f} s, at most {limit:.3f}")


def skip(label, why):
    """A check that cannot be made here."""
    global _count
    _count += 1
    _say(f"ok {_count} - {label} # SKIP {why}")


def wait_for(condition, seconds=server.PATIENCE):
    """Wait until a condition holds, and return what it last was."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() >= end:
            return value
        time.sleep(0.01)


def case(function):
    """Mark a case; its first line of text is its label."""
    _cases.append(function)
    return function


def sharing(function):
    """Mark a case that leaves its servers to the cases after it."""
    function.keeps = True
    return case(function)


def skip_all(why):
    """End the file: nothing of it can be tested here."""
    _say(f"1..0 # SKIP {why}")
    sys.exit(0)


def run():
    """Run the cases, or those named on the command line, and exit."""
    wanted = sys.argv[1:]
    for function in _cases:
        if wanted and function.__name__ not in wanted:
            continue
        _comment(function.__name__ + ": " + (function.__doc__ or "").split("\n")[0])
        try:
            function()
        except Exception:
            ok(False, function.__name__ + " ends without an exception",
               traceback.format_exc())
            for process in server.running():
                _comment(f"--- {process.name}:\n{process.output()[-6000:]}")
        finally:
            if not getattr(function, "keeps", False):
                server.end_all()
    server.end_all()
    _say(f"1..{_count}")
    sys.stdout.flush()
    sys.exit(1 if _failed else 0)
