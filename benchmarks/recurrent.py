"""One LSTM and one GRU layer, forward and backward, against torch.nn's: outputs and gradients first, then time.

    python benchmarks/recurrent.py [--threads=2] [--rounds=15] [--output=benchmarks/results/recurrent.json]

In float32 at batch 64, 128 steps, 256 inputs and 512 units unless --size says otherwise. Passes alternate in one run, as those of
peers.py do; what is said there of busy machines holds here.
"""

import argparse
import json
import os
from pathlib import Path

from against_torch.recurrent import Size, differences, layers
from against_torch.steps import alternate
from peers import conditions

GOAL = 1.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="64,128,256,512", help="batch, steps, inputs, units")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a block of passes")
    parser.add_argument("--output", type=Path, help="JSON file to write")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # XLA counts the cores it may use
    import torch

    torch.set_num_threads(options.threads)
    size, rows = Size(*map(int, options.size.split(","))), []
    for cell in ("lstm", "gru"):
        pair = layers(cell, size)
        found = differences(pair)
        row = alternate(pair.ours_block, pair.theirs_block, options.rounds, options.seconds)
        rows.append({"cell": cell, **size._asdict(), "goal": GOAL, "differences": found, **row})
        low, high = row["quartiles"]
        print(
            f"{cell:5} ours {row['ours_ms']:.1f} ms, torch {row['torch_ms']:.1f} ms, ratio {row['ratio']:.2f} ({low:.2f} to {high:.2f}), "
            f"CPU ratio {row['cpu_ratio']:.2f}, goal {GOAL}, difference {max(found.values()):.0e}",
            flush=True,
        )
    if options.output:
        options.output.write_text(json.dumps({**conditions(options.threads), "layers": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
