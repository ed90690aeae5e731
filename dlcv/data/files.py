"""Published files of a named set: where they lie, that they are whole, and how to get them where they are missing."""

import hashlib
import os
import threading
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from dlcv.disk import cache_dir
from dlcv.errors import Misuse

CONNECT_SECONDS = 5.0


class File(NamedTuple):
    """One file as published; without a sha256 (its publisher states none) the reader checks what it holds."""

    name: str
    sha256: str | None = None
    url: str | None = None


class Form(NamedTuple):
    """One form in which a set is published: its files, and a reader of {file name: path}."""

    files: tuple[File, ...]
    read: Callable[[Mapping[str, Path]], Any]
    folder: str | None = None  # inside data_dir; default: the name of the set


class Found(NamedTuple):
    """A form whose files are all there, their paths and sha256."""

    form: Form
    paths: dict[str, Path]
    sha256: dict[str, str]

    def read(self) -> Any:
        """What the form's reader gives; raises Misuse that names the files where they cannot be decoded."""
        try:
            return self.form.read(self.paths)
        except (EOFError, OSError, ValueError, KeyError, LookupError) + _decoding_errors() as error:
            names = ", ".join(str(path) for path in self.paths.values())
            raise Misuse(f"damaged data file among {names}: {type(error).__name__}: {error}; fetch it again") from error


def _decoding_errors() -> tuple[type[Exception], ...]:
    import lzma
    import tarfile
    import zipfile
    import zlib

    return (zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile)


def bundled(place: str, install: str = "scikit-image and scikit-learn, whose wheels carry it") -> Path:
    """A file "package/folder/file" of an installed package, which is not imported; raises Misuse when it is absent: `install` tells what to."""
    package, _, inside = place.partition("/")
    found = find_spec(package)
    path = Path(found.submodule_search_locations[0]) / inside if found else None
    if path is None or not path.is_file():
        raise Misuse(f"the bundled file {place} is missing: install {install}")
    return path


def find(name: str, forms: Sequence[Form], data_dir: str | None) -> Found:
    """The first form of which every file lies in data_dir or was downloaded, verified.

    Raises Misuse: no form is complete and the first cannot be downloaded, or a file is not the published one.
    """
    if data_dir is not None and not Path(data_dir).is_dir():
        raise Misuse(f"data_dir {data_dir!r} is no folder: expected the one that holds {forms[0].folder or name}/")
    lying = [_lying(name, form, data_dir) for form in forms]
    for form, paths in zip(forms, lying, strict=True):
        if len(paths) == len(form.files):
            return Found(form, paths, {file.name: verify(paths[file.name], file) for file in form.files})
    form = forms[max(range(len(forms)), key=lambda i: len(lying[i]))]  # the one begun, else the first
    paths = _lying(name, form, data_dir)
    missing = [file for file in form.files if file.name not in paths]
    place = Path(data_dir or "<data_dir>") / (form.folder or name)
    told = f"data set {name!r} lacks {', '.join(file.name for file in missing)}: put it into {place}/"
    if data_dir is None:
        told += " and give --data_dir (or set DLCV_DATA_DIR)"
    for file in missing:
        if file.url is None:
            raise Misuse(told)
        try:
            paths[file.name] = download(file, cache_dir() / "downloads" / name / file.name)
        except OSError as error:
            raise Misuse(f"{told}; published at {file.url}, but downloading it failed: {error}") from error
    return Found(form, paths, {file.name: verify(paths[file.name], file) for file in form.files})


def _lying(name: str, form: Form, data_dir: str | None) -> dict[str, Path]:
    folders = [Path(data_dir) / (form.folder or name)] if data_dir else []
    folders.append(cache_dir() / "downloads" / name)
    paths = {}
    for file in form.files:
        for folder in folders:
            if (folder / file.name).is_file():
                paths.setdefault(file.name, folder / file.name)
    return paths


def verify(path: Path, file: File) -> str:
    """The sha256 of a file; raises Misuse when it is not the published one."""
    with open(path, "rb") as opened:
        got = hashlib.file_digest(opened, "sha256").hexdigest()
    if file.sha256 is not None and got != file.sha256:
        size = path.stat().st_size
        raise Misuse(
            f"damaged data file {path}: expected sha256 {file.sha256}, got {got} ({size} bytes); fetch it again"
        )
    return got


def download(file: File, path: Path) -> Path:
    """Fetch a file whole or not at all; raises OSError, at the latest CONNECT_SECONDS after the last sign of life."""
    opened: list[Any] = []

    def connect() -> None:  # in a thread of its own, because name resolution knows no timeout
        try:
            opened.append(urllib.request.urlopen(file.url, timeout=CONNECT_SECONDS))
        except Exception as error:
            opened.append(error)

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(CONNECT_SECONDS + 1)
    if not opened:
        raise TimeoutError(f"no answer within {CONNECT_SECONDS:.0f} s")
    if isinstance(opened[0], Exception):
        raise OSError(getattr(opened[0], "reason", opened[0])) from opened[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with opened[0] as response, open(partial, "wb") as out:
            while block := response.read(1 << 20):
                out.write(block)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path
