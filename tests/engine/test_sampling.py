"""What `dlcv.sample` writes: makers by name, the examples they are shown, arrays with their origin, misuse before any file."""

import inspect
import re
from collections.abc import Sequence
from dataclasses import replace

import jax
import numpy as np
import pytest
import tiny

from dlcv.engine import catalogue, report, sampling
from dlcv.engine.experiment import make_task
from dlcv.engine.task import Figure
from dlcv.errors import Misuse


def rows(view, count: int | None = None, times: float = 1.0):
    (split, examples), *_ = view.examples.items()
    return {"rows": {"x": times * examples["x"][:count], "split": np.asarray(split)}}


def picture(view):
    return {"a/b": Figure("image_grid", {"images": np.zeros((4, 3, 3, 1))})}


def both(view):
    return {"lines": "told", "lines.svg": "<svg/>"}


@pytest.fixture
def experiment():
    found = tiny.Tiny(tiny.config())
    found.task = replace(found.task, makers={"rows": rows, "picture": picture, "both": both})
    return found


def take(experiment, folder, **wanted):
    variables = experiment.task.init(jax.random.key(0), experiment.task.batch_spec)
    return variables, sampling.sample(experiment, variables, folder, seed=4, step=7, **wanted)


def test_arrays_carry_their_origin(experiment, tmp_path):
    variables, (file,) = take(experiment, tmp_path / "new", what="rows", options={"times": 2.0})
    found = np.load(file)
    np.testing.assert_array_equal(found["x"], 2 * experiment.data.splits["valid"].arrays["x"])
    assert found["split"] == "valid" and found["step"] == 7 and found["data"] == "digits_valid"  # the config's name
    assert found["params_sha256"] == report.digest([variables.params])
    assert file.name == "rows_digits_valid_step_7_seed_4.npz"
    moved = variables.replace(params=jax.tree.map(lambda leaf: leaf + 1, variables.params))
    assert report.digest([moved.params]) != found["params_sha256"]


def test_splits_are_read_by_name_and_all_of_them_end_to_end(experiment, tmp_path):
    parts = [
        np.load(take(experiment, tmp_path, what="rows", options={"split": s})[1][0])["x"]
        for s in ("train", "valid", "all")
    ]
    assert [len(part) for part in parts] == [21, 10, 31]
    np.testing.assert_array_equal(np.concatenate(parts[:2]), parts[2])
    assert len(np.load(take(experiment, tmp_path, what="rows", count=3)[1][0])["x"]) == 3


def test_pictures_are_written_under_a_plain_name(experiment, tmp_path):
    (file,) = take(experiment, tmp_path, what="picture")[1]
    assert file.name == "a-b_digits_valid_step_7_seed_4.png" and file.stat().st_size > 500


def test_a_text_is_printed_and_a_document_keeps_its_ending(experiment, tmp_path, capsys):
    text, document = take(experiment, tmp_path, what="both")[1]
    assert (
        text.name == "lines_digits_valid_step_7_seed_4.txt" and document.name == "lines_digits_valid_step_7_seed_4.svg"
    )
    assert (text.read_text(), document.read_text(), capsys.readouterr().out) == ("told", "<svg/>", "told\n")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (dict(what="row"), "unknown --what 'row': did you mean 'rows'"),
        (dict(), "unknown --what 'samples': known: both, picture, rows"),
        (dict(what="rows", options={"time": 2}), "unknown option of the sampler 'time': did you mean 'times'"),
        (dict(what="picture", count=2), "unknown option of the sampler 'count'"),
        (dict(what="rows", options={"split": "vaild"}), "unknown split 'vaild': did you mean 'valid'"),
        (dict(what="rows", options={"split": 5}), "unknown split '5'"),
        (dict(what="rows", options={"data": 5}), "unknown data set '5'"),
        (
            dict(what="rows", options={"times": "hot"}),
            "--option=times='hot': expected a finite number, such as --option=times=\"1.0\"",
        ),
        (dict(what="rows", options={"data": "digitz"}), "unknown data set 'digitz': did you mean 'digits'"),
        (dict(what="rows", options={"data": "digits", "data.sise": 28}), "did you mean 'size'"),
    ],
)
def test_misuse_is_named_before_anything_is_written(experiment, tmp_path, wanted, message):
    with pytest.raises(Misuse, match=message):
        take(experiment, tmp_path / "new", **wanted)
    assert not (tmp_path / "new").exists()


def maker(view, *, text: str, temperature: float = 0.8, length: int = 400, row: int = 0, of: str | int = "", label: int | None = None,
          prefix: str | Sequence[str] = "the"):  # fmt: skip
    """One option of every kind."""


@pytest.mark.parametrize(
    "given",
    [
        {},
        dict(temperature=1, length=1, row=0, of=0, label=0, prefix=["a", "b"]),
        dict(temperature=-0.5, of="cat", label=None, prefix=("a",)),
    ],
)
def test_what_an_option_can_be_passes(given):
    sampling._check(maker, {"text": "a", **given}, own=1)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (dict(temperature="hot"), "--option=temperature='hot': expected a finite number, such as --option=temperature=\"0.8\""),
        (dict(temperature=float("nan")), "--option=temperature=nan: expected a finite number"),
        (dict(temperature=True), "--option=temperature=True: expected a finite number"),
        (dict(length=2.5), "--option=length=2.5: expected a whole number of at least 1, such as --option=length=\"400\""),
        (dict(length=0), "--option=length=0: expected a whole number of at least 1"),
        (dict(row=-1), "--option=row=-1: expected a whole number of at least 0, such as --option=row=\"0\""),
        (dict(row=True), "--option=row=True: expected a whole number"),
        (dict(text=5), "--option=text=5: expected a text, such as --option=text=\"'5'\""),
        (dict(of=1.5), "--option=of=1.5: expected a text or a whole number"),
        (dict(label=1.5), "--option=label=1.5: expected a whole number or None"),
        (dict(prefix=[1]), "--option=prefix=[1]: expected a text or several texts"),
        (dict(view=1), "unknown option of the sampler 'view'"),
    ],
)  # fmt: skip
def test_what_an_option_cannot_be_is_refused(given, told):
    with pytest.raises(Misuse, match=re.escape(told)):
        sampling._check(maker, {"text": "a"} | given, own=1)


def test_every_maker_tells_what_its_options_can_be():
    """Annotated by kinds that the sampler knows, with defaults that it would take."""
    configs = {}
    for name in catalogue.files():
        config = catalogue.load(f"experiments/{name}.py:smoke")
        if "study" not in config:
            configs.setdefault(config.task, config)
    for config in configs.values():
        task = make_task(config)
        makers = [(make, 1) for make in task.makers.values()] + ([(task.sample, 3)] if task.sample else [])
        for make, own in makers:
            for option in list(inspect.signature(make).parameters.values())[own:]:
                told = f"{config.task}: {option}"
                assert sampling._kinds(option) and set(sampling._kinds(option)) <= set(sampling.KINDS), told
                if option.default is not option.empty:
                    needed = {
                        name: "a"
                        for name, other in inspect.signature(make).parameters.items()
                        if other.default is other.empty
                    }
                    sampling._check(make, {**dict(list(needed.items())[own:]), option.name: option.default}, own=own)


def test_an_option_without_default_is_asked_for():
    with pytest.raises(Misuse, match=re.escape("--option=text= is missing: expected a text")):
        sampling._check(maker, {}, own=1)


def test_the_number_of_samples_is_a_flag_of_its_own():
    with pytest.raises(Misuse, match="unknown option of the sampler 'count'"):
        sampling._check(lambda variables, key, count, *, columns=8: {}, {"count": 3}, own=3)


def test_a_task_that_makes_nothing_says_so(tmp_path):
    with pytest.raises(Misuse, match="task 'tiny' has nothing to sample"):
        take(tiny.Tiny(tiny.config()), tmp_path)
