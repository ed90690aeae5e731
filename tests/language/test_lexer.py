"""The lexer against Python's own tokeniser, and by hand on C and on what is never closed."""

import importlib
import inspect
import io
import tokenize

import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.language.lexer import labels

OPEN, CLOSE = "([{", ")]}"


def by_tokenize(text: str) -> dict[str, np.ndarray]:
    """The same labels from the standard library's tokens; their column 0 is a string's prefix, which is outside."""
    starts = np.cumsum([0, *(len(line) for line in text.splitlines(keepends=True))])
    found = {kind: np.zeros(len(text), bool) for kind in ("string", "comment", "brackets")}
    depth, since = 0, 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        start, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        if token.type == tokenize.STRING:
            prefix = min(token.string.index(mark) for mark in "\"'" if mark in token.string)
            found["string"][start + prefix : end - 1] = True
        elif token.type == tokenize.COMMENT:
            found["comment"][start:end] = True
        elif token.type == tokenize.OP and token.string in OPEN + CLOSE:
            found["brackets"][since:start] = depth > 0
            depth, since = depth + (1 if token.string in OPEN else -1), start
    return found


@pytest.mark.parametrize("module", ["textwrap", "shlex", "heapq", "sched", "bisect", "this"])
def test_python_is_told_as_its_tokeniser_tells_it(module):
    text = inspect.getsource(importlib.import_module(module))
    ours = labels(text, "python")
    for kind, expected in by_tokenize(text).items():
        np.testing.assert_array_equal(ours[kind], expected, err_msg=kind)


def marked(text: str, label: str, language: str) -> str:
    return "".join("^" if inside else " " for inside in labels(text, language)[label])


@pytest.mark.parametrize(
    ("label", "text", "expected"),
    [
        ("comment", "int a; /* b */ c;", "       ^^^^^^    "),
        ("comment", 'a = "/*" // it\'s', "         ^^^^^^^"),
        ("string", 'a = "/*" // it\'s', "    ^^^         "),
        ("string", "c = '\"'; b = '\\'';", "    ^^       ^^^  "),
        ("brackets", 'f(a[i], ")"); g()', " ^^^^^^^^^^    ^ "),
    ],
)
def test_c_by_hand(label, text, expected):
    assert marked(text, label, "c").ljust(len(text)) == expected.ljust(len(text))


def test_brackets_of_c_are_closed_by_the_block_around_them():
    text = "{ f(a; } b"
    assert marked(text, "brackets", "c") == "   ^^^^   "


def test_what_is_never_closed_ends_with_its_line_or_with_the_text():
    assert marked("a = 'b\nc", "string", "python") == "    ^^  "
    assert marked('"""a\nb', "string", "python") == "^^^^^^"
    assert marked("/* a\nb", "comment", "c") == "^^^^^^"


def test_position_and_indentation_are_told_as_far_as_they_are_read():
    found = labels("if a:\n    b\n\n\tc", "python")
    assert found["position"].tolist() == [1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 0, 1, 2]
    assert found["indentation"].tolist() == [0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 4, 0, 0, 8, 8]
    assert np.flatnonzero(found["margin"]).tolist() == [6, 7, 8, 9, 13]


def test_prose_is_a_string_or_a_comment():
    assert marked("a = 'b'  # c", "prose", "python") == "    ^^   ^^^"


def test_an_unknown_language_is_named():
    with pytest.raises(Misuse, match="python"):
        labels("a", "pyton")
