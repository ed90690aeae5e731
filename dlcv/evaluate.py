"""Evaluates a run's checkpoint on the splits of its data, and prints one JSON line a seed.

python -m dlcv.evaluate --workdir=runs/adaptation/dann/default
python -m dlcv.evaluate --workdir=runs/vision/cnn/small --which=best --split=valid --data_dir=DATA
"""

import json

from absl import flags

from dlcv import door
from dlcv.errors import Misuse, unknown

WHICH = flags.DEFINE_string("which", "last", "The last or the best checkpoint.")
SPLIT = flags.DEFINE_string("split", None, "One split; all of them when not given.")


def main() -> None:
    if door.WORKDIR.value is None:
        raise Misuse("--workdir is missing: the folder of a run")
    door.start_jax()
    import jax

    from dlcv.engine import restore
    from dlcv.engine.evaluation import Evaluator

    experiment, step, found = restore.open_run(door.WORKDIR.value, door.data_dir(), WHICH.value)
    splits = experiment.data.splits
    if SPLIT.value is not None and SPLIT.value not in splits:
        raise unknown("split", SPLIT.value, splits)
    evaluator = Evaluator(experiment.task, splits, experiment.config.eval_batch_size, experiment.mesh)
    for seed, variables in enumerate(found, experiment.config.seed):
        for split in [SPLIT.value] if SPLIT.value else splits:
            metrics, _, _ = evaluator.split(split, variables, jax.random.key(seed))
            print(json.dumps({"step": step, "split": split, "seed": seed, **metrics}))


if __name__ == "__main__":
    door.enter(main)
