"""Where each character of a program stands: inside a string, a comment or brackets, in which column, how deeply indented.

Every label tells the state once its character has been read, as a recurrent cell could hold it: a delimiter that opens is inside,
one that closes is outside again.
"""

import re

import numpy as np

from dlcv.errors import unknown

# A literal or comment that is never closed ends with its line, or with the text where it may span lines.
SPANS = {
    "python": r"""
        (?P<comment>\#[^\n]*(?:\n|\Z))
      | (?P<string>\"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z) | '{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
                 | \"(?:\\.|[^\"\\\n])*(?:\"|\n|\Z) | '(?:\\.|[^'\\\n])*(?:'|\n|\Z))
    """,
    "c": r"""
        (?P<comment>/\*.*?(?:\*/|\Z) | //[^\n]*(?:\n|\Z))
      | (?P<string>\"(?:\\.|[^\"\\\n])*(?:\"|\n|\Z) | '(?:\\.|[^'\\\n])*(?:'|\n|\Z))
    """,
}
PAIRS = {")": "(", "]": "[", "}": "{"}
COUNTED = {"python": "([{", "c": "(["}  # C's braces make blocks, which its indentation shows
TAB = 8


def labels(text: str, language: str) -> dict[str, np.ndarray]:
    """Of each of N characters: `string`, `comment`, `prose` (either), `brackets`, `margin` (bool [N]), `position`, `indentation` (int32 [N]).

    The margin is the white space that a line begins with. Position counts characters since the line began, indentation the columns of
    its margin, so far; inside a literal or a comment brackets count for nothing. Raises Misuse for a language other than python and c.
    """
    if language not in SPANS:
        raise unknown("language", language, SPANS)
    spans = {kind: np.zeros(len(text), bool) for kind in ("string", "comment")}
    covered = np.zeros(len(text), bool)
    for found in re.finditer(SPANS[language], text, re.VERBOSE | re.DOTALL):
        spans[found.lastgroup][found.start() : found.end() - _closing(found[0])] = True
        covered[found.start() : found.end()] = True
    spans["prose"] = spans["string"] | spans["comment"]
    return spans | {"brackets": _brackets(text, covered, COUNTED[language])} | _columns(text)


def _closing(span: str) -> int:
    """1 where the span's last character closes it, 0 where the text ends first; a longer delimiter's first characters are inside."""
    closed = span.endswith("*/") if span.startswith("/*") else span[-1] in "\"'\n" and len(span) > 1
    return int(closed)


def _brackets(text: str, covered: np.ndarray, counted: str) -> np.ndarray:
    """Whether a counted bracket is open; a closing one closes whatever was opened inside its pair and never closed."""
    depth, stack, last = np.zeros(len(text), bool), [], 0
    for found in re.finditer(r"[()\[\]{}]", text):
        place, mark = found.start(), found[0]
        if covered[place]:
            continue
        depth[last:place] = any(open_ in counted for open_ in stack)
        last = place
        if mark not in PAIRS:
            stack.append(mark)
        elif PAIRS[mark] in stack:
            while stack.pop() != PAIRS[mark]:
                pass
    depth[last:] = any(open_ in counted for open_ in stack)
    return depth


def _columns(text: str) -> dict[str, np.ndarray]:
    position, indentation = np.zeros(len(text), np.int32), np.zeros(len(text), np.int32)
    margin = np.zeros(len(text), bool)
    start = 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        end = start + len(line)
        position[start:end] = np.arange(1, len(line) + 1)
        blank = re.match(r"[ \t]*", line)[0]
        column = 0
        for place, mark in enumerate(blank):
            column += TAB - column % TAB if mark == "\t" else 1
            indentation[start + place] = column
        margin[start : start + len(blank)] = True
        indentation[start + len(blank) : end] = column
        if line.endswith("\n"):  # a new line has begun
            position[end - 1] = indentation[end - 1] = 0
        start = end
    return {"margin": margin, "position": position, "indentation": indentation}
