"""Runs an experiment: trains its task, or computes its study. The same command goes on where a run stopped.

python -m dlcv.run --list
python -m dlcv.run --config=experiments/adaptation/dann_gain.py
python -m dlcv.run --config=experiments/adaptation/dann.py:small --data_dir=DATA --workdir=runs/dann --config.seeds=3
python -m dlcv.run --config=experiments/vision/vit.py --config.optimizer.learning_rate=3e-4 --config.steps=500
"""

import signal
import sys

from absl import flags

from dlcv import door
from dlcv.engine import catalogue

CONFIG = door.config_flag()
LIST = flags.DEFINE_bool("list", False, "Print every experiment, its rungs and one line about it.")
QUIET = flags.DEFINE_bool("quiet", False, "No progress line and no closing summary.")
PROFILE = flags.DEFINE_bool("profile", False, "Write a profiler trace of a few steps into the workdir.")
MULTIHOST = flags.DEFINE_bool("multihost", False, "One process a host: see launch/.")


def main() -> None:
    if LIST.value:
        return print(catalogue.listing())
    source = door.config_source()
    name, rung = catalogue.split_name(source)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the loop, which saves first, takes over
    folder = door.WORKDIR.value or f"runs/{name}/{rung}"
    config, data_dir = CONFIG.value, door.data_dir()
    door.start_jax(MULTIHOST.value, config.get("cpu_devices", 1))
    if "study" in config:
        from dlcv.engine.study import run_study

        run_study(config, folder, data_dir, name=name, rung=rung, quiet=QUIET.value)
    else:
        told = door.fit(config, source)
        from dlcv.engine.experiment import Experiment
        from dlcv.engine.loop import train

        train(Experiment(config, data_dir, name, rung), folder, quiet=QUIET.value, profile=PROFILE.value, told=told)


if __name__ == "__main__":
    door.enter(main)
