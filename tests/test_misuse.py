"""Through the real doors: every misuse is one line with a way out, exit code 2, no traceback, and leaves no workdir."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from dlcv.engine import catalogue

DCGAN = "--config=experiments/generative/dcgan.py"
OWN = [DCGAN, "--config.data.name=folder"]  # other images than the experiment's judge knows
CNN = "--config=experiments/vision/cnn.py:smoke"
DANN = "--config=experiments/adaptation/dann.py"
OFFLINE = dict(http_proxy="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9", no_proxy="", DLCV_DATA_DIR="")

# name -> (arguments, what stderr must say)
CASES = {
    "misspelt field": ([CNN, "--config.optimiser.name=adam"], r"'optimiser': did you mean 'optimizer'\?"),
    "misspelt inner field": ([CNN, "--config.optimizer.learning_rte=1"], r"'learning_rte': did you mean 'learning_rate'\?"),
    "unknown field": ([CNN, "--config.zebra=1"], "unknown config field 'zebra'"),
    "value of another type": ([CNN, "--config.steps=many"], "--config.steps=many"),
    "misspelt experiment": (["--config=experiments/adaptation/dan.py"], r"did you mean --config=experiments/adaptation/dann.py\?"),
    "misspelt rung": ([f"{DANN}:papper"], r"'papper': did you mean 'paper'\?"),
    "misspelt data set": ([CNN, "--config.data.name=mnsit"], r"'mnsit': did you mean 'mnist'\?"),
    "misspelt task": ([CNN, "--config.task=clasification"], r"'clasification': did you mean 'classification'\?"),
    "misspelt option of a task": ([CNN, "--config.task_kw.sise=digits"], r"'sise': did you mean 'size'\?"),
    "no width": (["--config=experiments/recurrence/copying.py:smoke", "--config.task_kw.width=0"], "width of task .* at least 1, got 0"),
    "no beam": (["--config=experiments/language/dates.py:smoke", "--config.task_kw.beams=0"], "beams of task .* at least 1, got 0"),
    "all dropped": (["--config=experiments/recurrence/char_lm.py:smoke", "--config.task_kw.dropout=1.5"], "0 and below 1, got 1.5"),
    "no steps of a study": (["--config=experiments/recurrence/gradients.py:smoke", "--config.study_kw.steps=0"], "steps of study .* got 0"),
    "heads that do not fit": (["--config=experiments/attention/toy_sets.py:smoke", "--config.task_kw.heads=5"], "multiple of 10"),
    "no codes": (["--config=experiments/generative/dcgan.py:smoke", "--config.task_kw.codes=0"], "codes of task .* at least 1, got 0"),
    "misspelt option of a data set": ([CNN, "--config.data.chanels=3"], r"'chanels': did you mean 'channels'\?"),
    "folder without images": ([CNN, "--config.data.name=folder", "--config.data.path={empty}"], "holds no image"),
    "folder of images without a size": ([*OWN, "--config.data.path={lone}", "--config.data.size=0"], "size=0: expected 16 to 1024"),
    "folder of one image": ([*OWN, "--config.data.path={lone}"], "has 1 images .*expected two or more"),
    "folder with a damaged image": ([*OWN, "--config.data.path={damaged}"], r"damaged image .*1\.png"),
    "data of a study": (["--config=experiments/generative/msgan.py", "--config.data.name=folder"], "no options 'data'; it has reference,"),
    "misspelt player": ([DCGAN, "--config.optimizer.generatr.options.b1=0.5"], "no options 'optimizer.generatr'; it has discriminator, gen"),
    "misspelt optimizer": ([CNN, "--config.optimizer.name=adamm"], r"did you mean 'adam'\?"),
    "misspelt schedule": ([CNN, "--config.optimizer.schedule=cosin"], r"did you mean 'cosine'\?"),
    "misspelt metric": ([CNN, "--config.select.metric=valid/acuracy"], r"did you mean 'valid/accuracy'\?"),
    "misspelt flag": ([CNN, "--wrokdir=x"], "workdir"),
    "stray word": ([CNN, "train"], "unexpected argument 'train'"),
    "missing data files": ([CNN, "--config.data.name=mnist", "--data_dir={empty}"], r"'mnist' lacks train-images-idx3-ubyte.gz.*put it into"),
    "truncated idx file": ([CNN, "--config.data.name=mnist", "--data_dir={truncated}"], "damaged data file .*train-images-idx3-ubyte.gz"),
    "data_dir that is no folder": ([CNN, "--data_dir={empty}/nowhere"], "is not a folder"),
    "batch 10 on 4 devices": ([CNN, "--config.batch_size=10", "--cpu_devices=4"], "=10 is not divisible by the 4 devices"),
    "mesh that does not fit": ([CNN, "--config.mesh.data=3"], "does not fit 1 device"),
    "steps=-1": ([CNN, "--config.steps=-1"], "config.steps must be at least 1, got -1"),
    "batch_size=0": ([CNN, "--config.batch_size=0"], "config.batch_size must be at least 1, got 0"),
    "accumulated batch norm": ([CNN, "--config.accumulate=2"], "batch statistics, which accumulation changes"),
    "no config": ([], "no experiment given; try --config=experiments/"),
    "no cluster": ([CNN, "--multihost"], "JAX_COORDINATOR_ADDRESS"),
    "start that is no run": ([CNN, "--config.start.source={empty}"], "holds no run"),
}  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Data folders: an empty one, one whose first file is cut off, one of a single image, and one of two of which one is damaged."""
    empty, truncated, lone, damaged = map(tmp_path_factory.mktemp, ("empty", "truncated", "lone", "damaged"))
    for folder in (lone, damaged):
        Image.new("RGB", (40, 40)).save(folder / "0.png")
    (damaged / "1.png").write_bytes(b"no image")
    (truncated / "mnist").mkdir()
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (truncated / "mnist" / f"{name}-ubyte.gz").write_bytes(b"\x1f\x8b\x08\x00")
    return {"empty": empty, "truncated": truncated, "lone": lone, "damaged": damaged}


@pytest.fixture(scope="module")
def outcomes(run_door, folders, tmp_path_factory):
    """Every case through the door, two at a time."""
    base = tmp_path_factory.mktemp("misuse")

    def one(item):
        number, (name, (arguments, _)) = item
        arguments = [argument.format(**folders) for argument in arguments]
        workdir = base / str(number)
        fresh = {"DLCV_CACHE": base / "cache"} if "data_dir" in str(arguments) else {}  # nothing was downloaded before
        done = run_door(*arguments, f"--workdir={workdir}", **OFFLINE, **fresh)
        return name, (done, workdir)

    with ThreadPoolExecutor(2) as pool:
        return dict(pool.map(one, enumerate(CASES.items())))


def refused(done, message: str) -> None:
    """Asserts one line on stderr that says `message`, nothing else, exit code 2."""
    assert done.returncode == 2, done.stderr[-2000:]
    assert done.stderr.startswith("dlcv: ") and done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert re.search(message, done.stderr), done.stderr


@pytest.mark.parametrize("case", CASES)
def test_misuse_is_one_line_and_leaves_nothing(outcomes, case):
    done, workdir = outcomes[case]
    refused(done, CASES[case][1])
    assert not workdir.exists()


def test_a_workdir_of_another_run_is_refused_untouched(run_door, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"task": "another"}))
    done = run_door(CNN, f"--workdir={tmp_path}")
    refused(done, r"holds another run \(config.*give another --workdir")
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]
    assert json.loads((tmp_path / "config.json").read_text()) == {"task": "another"}


def test_what_changes_for_other_data_is_told_of_a_run_that_begins_alone(run_door, tmp_path):
    """Here the data and the task are good, and the folder is taken."""
    (tmp_path / "images").mkdir()
    (tmp_path / "taken").write_text("")
    for name in "ab":
        Image.new("RGB", (40, 40)).save(tmp_path / "images" / f"{name}.png")
    refused(
        run_door(*OWN, f"--config.data.path={tmp_path / 'images'}", f"--workdir={tmp_path}"),
        "not empty and holds no run",
    )


def test_a_workdir_that_cannot_be_written_is_refused(run_door, tmp_path):
    (tmp_path / "file").write_text("")
    refused(run_door(CNN, f"--workdir={tmp_path / 'file' / 'run'}"), "cannot be written: Not a directory")


@pytest.mark.parametrize("door", ["evaluate", "sample"])
def test_the_other_doors_need_a_run(run_door, tmp_path, door):
    refused(run_door(door=door), "--workdir is missing")
    refused(run_door(f"--workdir={tmp_path}", door=door), "holds no run")


@pytest.mark.parametrize("door", ["run", "evaluate", "sample"])
def test_help_is_quick_and_shows_examples(run_door, door):
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        done = run_door("--help", door=door)
        seconds.append(time.perf_counter() - begin)
    assert done.returncode == 0 and done.stderr == ""
    assert f"python -m dlcv.{door} --" in done.stdout and "--workdir" in done.stdout
    assert ("--config" in done.stdout.split("flags:")[1]) == (door == "run")
    assert min(seconds) < 1.5  # the fastest of three: other processes share the cores


def test_the_list_shows_every_experiment(run_door):
    done = run_door("--list", check=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(catalogue.files())


def test_a_diverged_run_says_who_and_when_and_keeps_its_checkpoint(run_door, tmp_path):
    done = run_door(
        "--config=experiments/recurrence/char_lm.py:smoke", "--config.optimizer.learning_rate=1e38", "--config.optimizer.clip_norm=0",
        "--config.optimizer.schedule=constant", "--config.optimizer.name=sgd", "--config.checkpoint_every=1", f"--workdir={tmp_path / 'run'}",
    )  # fmt: skip
    assert done.returncode == 1
    assert re.fullmatch(
        r"dlcv: the loss of player 'model' is not finite at step \d \(seed 0\); the checkpoint of step \d is kept in .*\n",
        done.stderr,
    )
    assert [path for path in (tmp_path / "run" / "checkpoints").iterdir() if path.name.isdigit()]
    assert not (tmp_path / "run" / "result.json").exists()
