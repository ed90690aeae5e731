"""What the doors share: flags, one-line errors with exit code 2, and the set-up of JAX once the flags are known."""

import ast
import contextlib
import ctypes
import inspect
import logging
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import absl.logging
from absl import app, flags
from ml_collections import config_flags

from dlcv.disk import cache_dir
from dlcv.engine import catalogue
from dlcv.errors import Misuse

WORKDIR = flags.DEFINE_string("workdir", None, "Folder of the run.")
DATA_DIR = flags.DEFINE_string(
    "data_dir", None, "Folder of data sets, one sub-folder each (or the variable DLCV_DATA_DIR)."
)
DEBUG = flags.DEFINE_bool("debug", False, "Show tracebacks and the libraries' log lines.")
CPU_DEVICES = flags.DEFINE_integer(
    "cpu_devices", 0, "Split the CPU into this many devices; 0: as many as the config says.", lower_bound=0
)


def config_flag():
    """Defines `--config=experiments/<topic>/<system>.py[:rung]` and returns its holder."""
    return config_flags.DEFINE_config_file("config", None, "Experiment file, with :rung; --config.x=y changes a field.")


def config_source(argv: list[str] | None = None) -> str:
    """The value of --config as typed. Raises Misuse when it is missing."""
    argv = sys.argv if argv is None else argv
    for position, word in enumerate(argv):
        name, equals, value = word.lstrip("-").partition("=")
        if word.startswith("-") and name == "config" and (equals or position + 1 < len(argv)):
            return value if equals else argv[position + 1]
    raise Misuse("no experiment given; try --config=experiments/adaptation/dann.py:default, or --list to see all")


# Fields whose names are those of a data set's, a task's, a study's or an optimiser's own options: a config holds some of them.
OPTIONS = re.compile(
    r"--?config\.((?:data|task_kw|study_kw|optimizer(?:\.\w+)?\.(?:options|schedule_options))(?:\.\w+)+)=(.*)",
    re.DOTALL,
)


def literal(text: str):
    """A Python value where the text reads as one, else the text."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


def _without_options(argv: list[str], held) -> tuple[list[str], dict[str, Any]]:
    """(the words that absl can parse, {path: value} of the options that the experiment's config does not hold yet).

    Raises Misuse for an option of what the config does not hold at all, such as data of a study.
    """
    added = {}
    for word, found in ((word, OPTIONS.fullmatch(word)) for word in argv):
        *parents, last = found[1].split(".") if found else ("",)
        place = held
        for depth, name in enumerate(parents, 1):
            known, place = place, place.get(name)
            if not hasattr(place, "get"):
                lacking, has = ".".join(parents[:depth]), ", ".join(sorted(known))
                raise Misuse(
                    f"unknown config field {found[1]!r}: this experiment has no options {lacking!r}; it has {has}"
                )
        if found and last not in place:
            added[word] = (found[1], literal(found[2]))
    return [word for word in argv if word not in added], dict(added.values())


def _complete(config, held, argv: list[str], added: dict[str, Any]) -> None:
    """Adds options to a config; another data set than the experiment's begins without the options of that one."""
    with config.unlocked():
        if "data" in held and config.data.name != held.data.name:
            given = {found[1].split(".")[1] for word in argv if (found := OPTIONS.fullmatch(word))}
            for option in set(config.data) - given - {"name"}:
                del config.data[option]
        config.update_from_flattened_dict(added)


def fit(config, source: str) -> list[str]:
    """Applies what the experiment says of other data than its own (`config.elsewhere`) and of a start from another library's weights
    (`config.start.follow`), unless the command line says otherwise; what changed, in words.
    """
    from dlcv.engine.experiment import elsewhere, follow

    own = catalogue.load(source).get("data")
    given = {word.lstrip("-").partition("=")[0].removeprefix("config.") for word in sys.argv}
    told = (elsewhere(config, own, given) if own is not None else "", follow(config, given))
    return [line for line in told if line]


def _parse(argv: list[str]) -> list[str]:
    """absl's parser behind a check of the experiment's path, so that a misspelt one gets a suggestion.

    `--config.data.path=...` and other options that the set, task or optimiser knows need not stand in the experiment's file.
    """
    held, given, added = None, argv, {}
    if any(word.lstrip("-").startswith("config") for word in argv[1:] if word.startswith("-")):
        source = config_source(argv)
        located = str(catalogue.locate(source.partition(":")[0])) + "".join(source.partition(":")[1:])
        argv = [_with_value(word, "config", source, located) for word in argv]
        if any(map(OPTIONS.fullmatch, argv)):
            held = catalogue.load(source)
            argv, added = _without_options(argv, held)
            sys.argv = [
                word for word in sys.argv if word in argv or not OPTIONS.fullmatch(word)
            ]  # the flag reads it too
    try:
        rest = flags.FLAGS(argv)
        if held is not None:
            _complete(flags.FLAGS.config, held, given, added)
        return rest
    except SystemExit:
        sys.exit(0)  # absl has printed the help and would leave with code 1
    except (AttributeError, KeyError, TypeError, ValueError, flags.Error) as problem:
        raise Misuse(_reason(problem)) from problem


def _with_value(word: str, flag: str, old: str, new: str) -> str:
    """The word of a command line with the flag's value replaced; other flags that mention it stay as they are."""
    name, equals, value = word.partition("=")
    if value == old and name.lstrip("-") == flag:
        return f"{name}{equals}{new}"
    return new if word == old else word


def _reason(problem: Exception) -> str:
    """One line: a field that the config lacks with the nearest one, or the parser's own words."""
    text = str(problem.args[0] if problem.args else problem).strip().strip("'\"").replace("\\n", "\n")
    if found := re.search(r'Did you mean "(.*)" instead of "(.*)"', text):
        return f"unknown config field {found[2]!r}: did you mean {found[1]!r}?"
    if isinstance(problem, (AttributeError, KeyError)):
        return f"unknown config field {text!r}: the experiment's file shows those there are"
    return " ".join(line.strip() for line in text.splitlines()[:2])


def _fail(problem: Exception, code: int) -> int:
    print("dlcv: " + " ".join(str(problem).split()), file=sys.stderr, flush=True)
    return code


def enter(main: Callable[[], None]) -> None:
    """Parses the flags and calls `main`; Misuse becomes one line and exit code 2, divergence one line and exit code 1."""
    debug = "--debug" in sys.argv
    for name in ("config", "workdir", "data_dir", "debug", "cpu_devices"):  # so that --help shows them
        if name in flags.FLAGS:
            flags.FLAGS.register_key_flag_for_module(sys.argv[0], flags.FLAGS[name])

    def parse(argv):
        try:
            return _parse(argv)
        except Misuse as problem:
            if debug:
                raise
            sys.exit(_fail(problem, 2))

    def guarded(rest):
        try:
            if len(rest) > 1:
                raise Misuse(f"unexpected argument {rest[1]!r}; flags begin with --")
            main()
        except Misuse as problem:
            if debug:
                raise
            sys.exit(_fail(problem, 2))
        except KeyboardInterrupt:
            sys.exit(_fail(Misuse("interrupted; the same command goes on from the last checkpoint"), 130))
        except Exception as problem:
            if debug or type(problem).__name__ != "Diverged":
                raise
            sys.exit(_fail(problem, 1))

    app.run(guarded, flags_parser=parse)


def data_dir() -> str | None:
    """The flag, or the variable DLCV_DATA_DIR. Raises Misuse for a folder that does not exist."""
    folder = DATA_DIR.value or os.environ.get("DLCV_DATA_DIR") or None
    if folder is not None and not Path(folder).is_dir():
        raise Misuse(f"--data_dir={folder} is not a folder")
    return folder


def keep_memory() -> None:
    """Freed memory stays with the process (glibc's malloc): else each step asks the system anew for its scratch memory.

    The character model's step on one core: 31 ms against 36, of which 2,500 page faults. One arena for all threads, since those of
    XLA's are given back whole: 44,000 page faults a second and a quarter of sketch-RNN's time else.
    """
    with contextlib.suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL(None)
        libc.mallopt(-4, 0)  # M_MMAP_MAX: no block is a mapping of its own
        libc.mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD: the heap does not shrink
        libc.mallopt(-8, 1)  # M_ARENA_MAX


def _without_abandoned_reads(unraisable) -> None:
    """Python's report of an exception that nobody can catch, unless a damaged checkpoint's unfinished reads raised it."""
    if not inspect.iscoroutine(unraisable.object):
        sys.__unraisablehook__(unraisable)


def start_jax(multihost: bool = False, cpu_devices: int = 1) -> None:
    """Quiet logs, the persistent compilation cache, so many CPU devices unless the flag says otherwise, several hosts."""
    if cpu_devices < 1:
        raise Misuse(f"config.cpu_devices must be at least 1, got {cpu_devices}")
    keep_memory()
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("dlcv: %(message)s"))
    logger = logging.getLogger("dlcv")
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)  # its own: absl gives its verbosity to the root logger
    logger.propagate = False
    if not DEBUG.value:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
        absl.logging.set_verbosity(absl.logging.FATAL)  # what goes wrong is raised as well
        logging.getLogger("jax").setLevel(logging.ERROR)
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # reads of a damaged checkpoint that nobody waits for
        sys.unraisablehook = _without_abandoned_reads
    import jax

    if CPU_DEVICES.value or "JAX_NUM_CPU_DEVICES" not in os.environ:
        jax.config.update("jax_num_cpu_devices", CPU_DEVICES.value or cpu_devices)
    jax.config.update("jax_compilation_cache_dir", str(cache_dir() / "xla"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    if multihost:
        _join_hosts()


def _join_hosts() -> None:
    """Joins the other processes: of a cluster that JAX knows, or of three environment variables."""
    import jax

    count, index = (os.environ.get(name) for name in ("JAX_NUM_PROCESSES", "JAX_PROCESS_ID"))
    try:
        jax.distributed.initialize(num_processes=count and int(count), process_id=index and int(index))
    except ValueError as problem:
        needed = "JAX_COORDINATOR_ADDRESS=host:port, JAX_NUM_PROCESSES and JAX_PROCESS_ID"
        raise Misuse(f"--multihost finds no cluster ({problem}); set {needed}") from None
