"""Sentences of the docstrings in Python's standard library, package by package; no download.

A sentence is held out by its own text, the same everywhere it occurs: every fifth one, by CRC-32.
"""

import ast
import re
import sysconfig
from functools import cache
from pathlib import Path
from zlib import crc32

from dlcv.data.word_corpora import SENTENCE
from dlcv.errors import Misuse
from dlcv.language.marked import plain
from dlcv.language.tokenisers import WORD

SHORTEST, LONGEST = 5, 60  # words
EVERY = 5


@cache
def docstrings(package: str) -> tuple[str, ...]:
    """The distinct sentences of a package's docstrings, as `plain` writes them, in the order of its files.

    Raises Misuse where the running interpreter carries no source of it.
    """
    root = Path(sysconfig.get_paths()["stdlib"])
    files = sorted((root / package).rglob("*.py")) if (root / package).is_dir() else [root / f"{package}.py"]
    if not files or not files[0].is_file():
        raise Misuse(f"Python's package {package!r} is not there as source files: this interpreter does not carry it")
    found: dict[str, None] = {}
    for file in files:
        for text in _docstrings(file.read_text(encoding="utf-8", errors="ignore")):
            sentences = (WORD.findall(part.lower()) for part in SENTENCE.split(text))
            found |= {plain(" ".join(words)): None for words in sentences if SHORTEST <= len(words) <= LONGEST}
    return tuple(found)


def _docstrings(source: str) -> list[str]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = (ast.get_docstring(node) for node in ast.walk(ast.parse(source)) if isinstance(node, kinds))
    return [re.sub(r"[ \t]+", " ", text) for text in found if text]


def packages() -> tuple[str, ...]:
    """Every package and module of the standard library that the running interpreter carries, tests and others' packages aside."""
    root = Path(sysconfig.get_paths()["stdlib"])
    folders = {path.parent.name for path in root.glob("*/__init__.py")} - {"test", "lib2to3", "idlelib"}
    return tuple(sorted(folders | {path.stem for path in root.glob("*.py")}))


def held_out(sentence: str) -> bool:
    return crc32(sentence.encode()) % EVERY == 0
