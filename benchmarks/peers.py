"""The train step of the six systems against the same model in eager PyTorch: outputs and losses first, then time.

    python benchmarks/peers.py [--systems=vision/cnn,generative/dcgan] [--threads=2] [--rounds=15] [--output=peers.json]

Ours is the engine's own step at the `default` rung, in float32: `Execution.advance` on the data it keeps on the device, with
the metrics that the loop logs. PyTorch's reads the same examples by the same indices and runs forward, backward, clipping and
the same optimiser in its best form: channels last, fused Adam, `nn.LSTM`, one product for query, key and value. What is random
(augmentation, dropout, resets of a recurrent state) and the average of the weights are switched off on both sides; the GAN
draws its codes on both. Weights come from the task's `init`; leaves that begin at zero get noise, so that nothing hides behind
them. Blocks of steps alternate in one run; the ratio is that of the medians, its spread the quartiles over the rounds.

Times mean little on a machine that does other work: PyTorch's threads wait by spinning. There, --threads=1 pins both to one core
and the ratio of CPU times counts.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from against_torch.steps import Ours, Theirs, check, measure
from against_torch.systems import SYSTEMS


def compare(name: str, rounds: int, seconds: float) -> dict[str, Any]:
    """One system's row: differences first, then times."""
    changes, build, goal = SYSTEMS[name]
    ours = Ours(name, changes)
    theirs = Theirs(ours, build)
    differences = check(ours, theirs)
    return {"system": name, "batch": ours.config.batch_size, "goal": goal, **differences, **measure(ours, theirs, rounds, seconds)}  # fmt: skip


def conditions(threads: int) -> dict[str, Any]:
    """What a reader needs to judge the times."""
    import jax
    import torch

    return {
        "threads": threads, "cores": os.cpu_count(), "load": os.getloadavg()[0], "jax": jax.__version__, "torch": torch.__version__,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--systems", default=",".join(SYSTEMS), help="names, separated by commas")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.2, help="length of a block of steps")
    parser.add_argument("--output", type=Path, help="JSON file to write")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # XLA counts the cores it may use
    import torch

    from dlcv import door

    torch.set_num_threads(options.threads)
    import jax

    jax.config.update("jax_num_cpu_devices", options.threads)  # each system uses as many of them as its config says
    door.keep_memory()  # as every run does; PyTorch gains by it too
    rows = []
    print(
        f"{'system':24}{'ours ms':>9}{'torch ms':>10}{'ratio':>7}  {'quartiles':13}{'CPU ratio':>10}{'goal':>6}  difference"
    )
    for name in options.systems.split(","):
        row = compare(name, options.rounds, options.seconds)
        rows.append(row)
        low, high = row["quartiles"]
        print(
            f"{name:24}{row['ours_ms']:9.2f}{row['torch_ms']:10.2f}{row['ratio']:7.2f}  {low:.2f} to {high:.2f} {row['cpu_ratio']:10.2f}"
            f"{row['goal']:6.1f}  {row['outputs']:.0e}",
            flush=True,
        )
    if options.output:
        options.output.write_text(json.dumps({**conditions(options.threads), "systems": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
