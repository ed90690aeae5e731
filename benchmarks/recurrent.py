"""One LSTM and one GRU layer, forward and backward, against torch.nn's: outputs and gradients first, then time.

    python benchmarks/recurrent.py [--threads=2] [--rounds=15] [--output=benchmarks/results/recurrent.json]

In float32 at batch 64, 128 steps, 256 inputs and 512 units unless --size says otherwise. Passes alternate in one run, as those of
peers.py do; what is said there of busy machines holds here. First freed memory goes back to the system, as glibc's malloc does of
itself ("as it is"), then it stays with the process, as in every run of the project ("kept"): that spares PyTorch more page faults.
"""

import argparse
import json
import os
from pathlib import Path

from against_torch.recurrent import Size, differences, layers
from against_torch.steps import alternate
from peers import conditions

from dlcv import door

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
    for memory in ("as it is", "kept"):
        if memory == "kept":
            door.keep_memory()
        for cell in ("lstm", "gru"):
            pair = layers(cell, size)
            found = differences(pair)
            row = alternate(pair.ours_block, pair.theirs_block, options.rounds, options.seconds)
            rows.append({"cell": cell, **size._asdict(), "memory": memory, "goal": GOAL, "differences": found, **row})
            print(told(rows[-1]), flush=True)
    if options.output:
        options.output.write_text(json.dumps({**conditions(options.threads), "layers": rows}, indent=2) + "\n")


def told(row: dict) -> str:
    low, high = row["quartiles"]
    return (
        f"{row['cell']:5} memory {row['memory']:9} ours {row['ours_ms']:.1f} ms, torch {row['torch_ms']:.1f} ms,"
        f" ratio {row['ratio']:.2f} ({low:.2f} to {high:.2f}), CPU ratio {row['cpu_ratio']:.2f}, goal {row['goal']},"
        f" difference {max(row['differences'].values()):.0e}"
    )


if __name__ == "__main__":
    main()
