"""Beam search batched and jitted against the same jitted step driven sentence by sentence from Python, tokens a second.

    python benchmarks/beam.py [--data_dir=FOLDER] [--size=large] [--sentences=64] [--length=16] [--beams=5] [--rounds=3] [--output=beam.json]

The network of `language/translation` with random weights on Multi30k's test sentences; without --data_dir on random sources of the same
lengths, whose result is printed and written nowhere but to --output. END is made impossible, so that both write `--length` tokens a
sentence, about a Multi30k sentence; their hypotheses must be the same. Both alternate; the ratio is that of the medians, of CPU seconds
beside it where other processes share the cores.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
WIDTH, VOCABULARY, GOAL = 32, 8000, 3.0


def sources(data_dir: str | None, count: int):
    """Tokens [N, WIDTH] and lengths [N]."""
    from dlcv import data

    if data_dir:
        options = {"name": "multi30k", "size": VOCABULARY, "limit": 100}
        found = data.load(options, data_dir).splits["test"].arrays
        rows = np.flatnonzero(found["source_length"] <= WIDTH)[:count]
        return found["source"][rows, :WIDTH], found["source_length"][rows]
    rng = np.random.default_rng(0)
    lengths = rng.integers(8, 25, count).astype(np.int32)
    tokens = rng.integers(4, VOCABULARY, (count, WIDTH)).astype(np.int32)
    return np.where(np.arange(WIDTH) < lengths[:, None], tokens, 0), lengths


def make(size: str, beams: int, length: int):
    """(batched(tokens, lengths), one by one(tokens, lengths)): both give the best hypotheses [N, length]."""
    import jax
    import jax.numpy as jnp

    from dlcv.models.net import Net
    from dlcv.models.seq2seq import seq2seq
    from dlcv.ops.decoding import repeated
    from dlcv.tasks.translating import MARKS, best

    net = Net(seq2seq(size, VOCABULARY, VOCABULARY, places=WIDTH))
    some = jnp.ones((1, 2), jnp.int32)
    params, _ = jax.jit(lambda key: net.init(key, some, jnp.full(1, 2), some, train=False))(jax.random.key(0))
    params["decoder"]["head"]["bias"] = params["decoder"]["head"]["bias"].at[MARKS.end].set(-1e9)

    @jax.jit
    def search(params, tokens, lengths):
        return best(net, params, tokens, lengths, length, beams, 0.0)

    @jax.jit
    def encode(params, tokens, lengths):
        return repeated(net(params, {}, tokens, lengths, method="encode")[0], beams)

    @jax.jit
    def step(params, memory, carry, token):
        carry, (logits, _) = net(params, {}, carry, token, memory, method="step")[0]
        return carry, jax.nn.log_softmax(logits)

    def sentence(tokens, lengths):
        memory, carry = encode(params, tokens, lengths)
        last, total = np.full(beams, MARKS.start, np.int32), np.where(np.arange(beams) == 0, 0.0, -np.inf)
        written = np.zeros((beams, 0), np.int32)
        for _ in range(length):
            carry, gained = step(params, memory, carry, last)
            scores = (total[:, None] + np.asarray(gained)).ravel()
            chosen = np.argpartition(-scores, beams)[:beams]
            chosen = chosen[np.argsort(-scores[chosen], kind="stable")]
            parent, last = chosen // VOCABULARY, (chosen % VOCABULARY).astype(np.int32)
            total = scores[chosen]
            written = np.concatenate([written[parent], last[:, None]], 1)
            carry = jax.tree.map(lambda leaf, parent=parent: leaf[parent], carry)
        return written[0]

    def one_by_one(tokens, lengths):
        return np.stack([sentence(tokens[row : row + 1], lengths[row : row + 1]) for row in range(len(tokens))])

    return (lambda tokens, lengths: np.asarray(search(params, tokens, lengths))), one_by_one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data_dir")
    parser.add_argument("--size", default="large")
    parser.add_argument("--output")
    for name, value in (("sentences", 64), ("length", 16), ("beams", 5), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    tokens, lengths = sources(given.data_dir, given.sentences)
    systems = dict(zip(("batched", "one by one"), make(given.size, given.beams, given.length), strict=True))
    few = min(8, len(tokens))
    together, alone = systems["batched"](tokens, lengths), systems["one by one"](tokens[:few], lengths[:few])
    if not (same := together[:few] == alone).all():
        sys.exit(f"the hypotheses of {int((~same).any(1).sum())} of {few} sentences differ: nothing is timed")
    wall, cpu = {name: [] for name in systems}, {name: [] for name in systems}
    for _ in range(given.rounds):
        for name, run in systems.items():
            start = time.perf_counter(), time.process_time()
            run(tokens, lengths)
            wall[name].append(time.perf_counter() - start[0])
            cpu[name].append(time.process_time() - start[1])
    written = len(tokens) * given.length
    medians = {name: statistics.median(values) for name, values in wall.items()}
    spent = {name: statistics.median(values) for name, values in cpu.items()}
    result = {
        "size": given.size, "sentences": len(tokens), "length": given.length, "beams": given.beams,
        "sources": "Multi30k, test" if given.data_dir else "random", "equal_hypotheses": few,
        "tokens_per_second": {name: written / value for name, value in medians.items()},
        "ratio": medians["one by one"] / medians["batched"], "cpu_ratio": spent["one by one"] / spent["batched"], "goal": GOAL,
    }  # fmt: skip
    output = given.output or (given.data_dir and ROOT / "benchmarks" / "results" / "beam.json")
    if output:
        Path(output).write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
