"""Attention, forward and backward, against torch's scaled_dot_product_attention; and its memory on long sequences.

    python benchmarks/attention.py [--threads=2] [--rounds=9] [--output=benchmarks/results/attention.json]

Speed in float32 at batch 8, 512 places, 8 heads of 64 unless --size says otherwise: what `dlcv.ops.attention` chooses by itself, and the
einsum that keeps all weights, each in alternating blocks with torch's, as in peers.py. Memory at 8,192 places, 2 heads: the peak of a
process that computes outputs and gradients block by block or by the einsum, less that of one that only holds the inputs; the gradients of both
are compared. What peers.py says of busy machines holds for times here.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from against_torch.attention import Size, passes
from against_torch.recurrent import differences
from against_torch.steps import alternate
from peers import conditions

GOAL = 1.3
LONG = Size(1, 8192, 2, 64)
ONE_PASS = r"""
import re, sys
import jax, numpy as np
from dlcv.ops.attention import attention
way, file, *size = sys.argv[1:]
arrays = [jax.random.normal(key, tuple(map(int, size))) for key in jax.random.split(jax.random.key(0), 4)]
def both(q, k, v, factors):
    out, pull = jax.vjp(lambda *qkv: attention(*qkv, causal=True, implementation=way)[0], q, k, v)
    return out, *pull(factors)
temporary = 0
if way != "nothing":
    compiled = jax.jit(both).lower(*arrays).compile()
    temporary = compiled.memory_analysis().temp_size_in_bytes
    np.savez(file, *compiled(*arrays))
print(1024 * int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]), temporary)
"""


def memory(size: Size) -> dict[str, float]:
    """Peaks of the processes and of the compiled programs in MiB, and the largest difference of outputs and gradients."""
    peaks, compiled, found = {}, {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for way in ("nothing", "blockwise", "einsum"):
            file = Path(folder) / f"{way}.npz"
            command = [sys.executable, "-c", ONE_PASS, way, str(file), *map(str, size)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            peaks[way], compiled[way] = (int(word) / 2**20 for word in printed.split())
            if way != "nothing":
                with np.load(file) as kept:
                    found[way] = [kept[name] for name in kept.files]
    apart = max(float(np.abs(a - b).max()) for a, b in zip(found["blockwise"], found["einsum"], strict=True))
    row = {"scores_mib": 4 * size.batch * size.heads * size.places**2 / 2**20, "difference": apart}
    for way in ("blockwise", "einsum"):
        row |= {f"{way}_mib": peaks[way] - peaks["nothing"], f"{way}_temporary_mib": compiled[way]}
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="8,512,8,64", help="batch, places, heads, width of a head")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.6, help="length of a block of passes")
    parser.add_argument("--output", type=Path, help="JSON file to write")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # XLA counts the cores it may use
    import torch

    torch.set_num_threads(options.threads)
    size, rows = Size(*map(int, options.size.split(","))), []
    for causal, way in ((False, None), (True, None), (False, "einsum")):
        pair = passes(size, causal, way)
        found = differences(pair)
        row = alternate(pair.ours_block, pair.theirs_block, options.rounds, options.seconds)
        rows.append(
            {"causal": causal, "way": way or "chosen", **size._asdict(), "goal": GOAL, "differences": found, **row}
        )
        low, high = row["quartiles"]
        print(
            f"{way or 'chosen':7} causal {causal}: ours {row['ours_ms']:.1f} ms, torch {row['torch_ms']:.1f} ms, ratio {row['ratio']:.2f} "
            f"({low:.2f} to {high:.2f}), CPU ratio {row['cpu_ratio']:.2f}, goal {GOAL}, difference {max(found.values()):.0e}",
            flush=True,
        )
    long = memory(LONG)
    print(f"at {LONG.places} places, {LONG.heads} heads: {long}")
    if options.output:
        written = {**conditions(options.threads), "rows": rows, "memory": {**LONG._asdict(), **long}}
        options.output.write_text(json.dumps(written, indent=2) + "\n")


if __name__ == "__main__":
    main()
