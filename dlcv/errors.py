"""The one exception for a user's mistake: doors print it as one line and exit with code 2."""

import difflib
from collections.abc import Iterable


class Misuse(Exception):
    """What was given, what was expected, and what to type instead, in one line."""


def unknown(what: str, given: str, known: Iterable[str]) -> Misuse:
    """A Misuse for a name that does not exist, with the nearest existing one."""
    known = sorted(known)
    near = difflib.get_close_matches(given, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(known)
    return Misuse(f"unknown {what} {given!r}: {hint}")
