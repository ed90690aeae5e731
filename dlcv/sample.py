"""Samples from a run's checkpoint into files: pictures, text or arrays, whatever its task makes.

python -m dlcv.sample --workdir=runs/generative/dcgan/default --count=64
python -m dlcv.sample --workdir=runs/recurrence/char_lm/default --option=prefix="def " --option=temperature=0.7 --count=2
python -m dlcv.sample --workdir=runs/vision/cnn/default --what=features --option=layer=hidden --option=data=digits --option=split=all
python -m dlcv.sample --workdir=runs/vision/cnn/default --what=gradcam --option=of=3
"""

from pathlib import Path

from absl import flags

from dlcv import door
from dlcv.errors import Misuse

WHICH = flags.DEFINE_string("which", "last", "The last or the best checkpoint.")
SEED = flags.DEFINE_integer("seed", 0, "Of the random draws.")
WHAT = flags.DEFINE_string("what", "samples", "samples, or what else the task makes: features, saliency, gradcam ...")
COUNT = flags.DEFINE_integer("count", None, "How many; when not given, as many as make one picture.", lower_bound=1)
OPTION = flags.DEFINE_multi_string(
    "option", [], "name=value for what is made: temperature=0.8, data=digits, data.size=32, may be repeated."
)
OUTPUT = flags.DEFINE_string("output", None, "Folder for the files; <workdir>/samples when not given.")


def _options() -> dict:
    """name=value pairs; values are Python literals where they read as such, text otherwise."""
    options = {}
    for given in OPTION.value:
        name, equals, value = given.partition("=")
        if not equals:
            raise Misuse(f"--option={given}: expected name=value")
        options[name] = door.literal(value)
    return options


def main() -> None:
    if door.WORKDIR.value is None:
        raise Misuse("--workdir is missing: the folder of a run")
    options = _options()
    door.start_jax()
    from dlcv.engine import restore, sampling

    experiment, step, found = restore.open_run(door.WORKDIR.value, door.data_dir(), WHICH.value)
    folder = Path(OUTPUT.value or Path(door.WORKDIR.value) / "samples")
    wanted = dict(seed=SEED.value, count=COUNT.value, what=WHAT.value, step=step)
    for file in sampling.sample(experiment, found[0], folder, **wanted, options=options):
        print(file)


if __name__ == "__main__":
    door.enter(main)
