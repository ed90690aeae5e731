"""Language models against their peers in one run: generation on a cache, and the train step of a 6-layer model 384 wide.

    python benchmarks/language_models.py [--parts=generation,eager,compiled] [--threads=2] [--rounds=5] [--output=language_models.json]
    python benchmarks/language_models.py --parts=gpu [--peak_tflops=989]

Generation: GPT-2-small's shape with random weights, 32 prompts of 8 tokens, 128 tokens more by the most likely. "cached" is ours on keys
and values that are kept, "transformers" is `generate` of Hugging Face with the same weights; their tokens are compared. "uncached"
computes the whole text anew for every token, jitted at one shape: each of its tokens costs the same, so that two of the 128 are timed.

Step: the engine's own train step on characters, batch 8 of 256, beside the same model in PyTorch in its best form (one product for query,
key and value, scaled_dot_product_attention, fused AdamW), eager and, where the machine has what it needs, under torch.compile; compared
and measured as peers.py does.

GPU, where both libraries see one: the train step of GPT-2's 124 million parameters on 16 rows of 1,024 tokens in bfloat16, beside
torch.compile with flash attention; the share of the card's peak that the model's FLOPs make (an H100's 989 TFLOP/s unless given).
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from against_torch.gpt import compiled, language_model
from against_torch.mixed import pair
from against_torch.steps import Ours, Theirs, alternate, check, measure
from peers import conditions

ROOT = Path(__file__).resolve().parents[1]
BATCH, PROMPT, LENGTH, TIMED = 32, 8, 128, 2
GPU_ROWS = 16
GOALS = {"cached over uncached": 5.0, "cached over transformers": 1.0, "eager": 1.0, "compiled": 1.15}
FORMS = {"eager": language_model, "compiled": compiled}
STEP = dict(
    batch_size=8, eval_batch_size=8, data=dict(name="windows", of=dict(name="prose", length=256)),
    task_kw=dict(size="char-gpu", dropout=0.0, activation="gelu"), optimizer=dict(schedule="constant", warmup=0, learning_rate=1e-3),
)  # fmt: skip


def seconds_of(function) -> tuple[float, Any]:
    """(of a call, what it gave): what is to be compiled, is."""
    start = time.perf_counter()
    made = function()
    return time.perf_counter() - start, made


def generation() -> dict[str, Any]:
    """Tokens a second of the three, and whether ours and transformers' are the same."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    from dlcv.models.gpt import gpt
    from dlcv.tasks.causal_language_model import writer
    from dlcv.tasks.continuing import continued

    model = gpt("gpt2-small", 50_257)
    tokens = np.random.default_rng(0).integers(0, 50_257, (BATCH, PROMPT)).astype(np.int32)
    params = jax.jit(lambda key: model.init(key, jnp.asarray(tokens[:1]), train=False))(jax.random.key(0))["params"]
    key, written = jax.random.key(0), writer(model)

    def cached():
        return continued(written, params, tokens, key, LENGTH, temperature=0.0, k=0, p=1.0)

    @jax.jit
    def next_token(params, text, place):
        logits, _ = model.apply({"params": params}, text, train=False)
        token = logits[jnp.arange(BATCH), place].argmax(-1)
        return text.at[:, place + 1].set(token.astype(jnp.int32))

    def uncached():
        text = jnp.zeros((BATCH, PROMPT + LENGTH), jnp.int32).at[:, :PROMPT].set(tokens)
        for place in range(PROMPT - 1, PROMPT - 1 + TIMED):
            text = next_token(params, text, place)
        return np.asarray(text)[:, PROMPT : PROMPT + TIMED]

    cached()
    ours, made = seconds_of(cached)
    next_token(params, jnp.zeros((BATCH, PROMPT + LENGTH), jnp.int32), 0).block_until_ready()
    anew, again = seconds_of(uncached)
    generate = transformers_generate(model, params, tokens)
    generate(4)
    theirs, other = seconds_of(lambda: generate(LENGTH))
    rates = {"cached": BATCH * LENGTH / ours, "uncached": BATCH * TIMED / anew, "transformers": BATCH * LENGTH / theirs}
    return {
        "batch": BATCH, "prompt": PROMPT, "length": LENGTH, "uncached_tokens_timed": TIMED, "tokens_per_second": rates,
        "cached over uncached": rates["cached"] / rates["uncached"], "cached over transformers": rates["cached"] / rates["transformers"],
        "same_as_uncached": float((made[:, :TIMED] == again).mean()), "same_as_transformers": float((made == other).mean()),
    }  # fmt: skip


def transformers_generate(model, params, tokens):
    """A function of a number of tokens: what Hugging Face's `generate` writes with our weights."""
    import jax
    import numpy as np
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    from dlcv.pretrained import gpt2

    config = gpt2.described(model)
    peer = GPT2LMHeadModel(GPT2Config(**config)).eval()
    found = {name: torch.tensor(np.array(leaf)) for name, leaf in gpt2.tensors(config, jax.device_get(params)).items()}
    missing, unexpected = peer.load_state_dict(found, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    peer.tie_weights()
    given = torch.tensor(tokens).long()
    options = dict(do_sample=False, use_cache=True, pad_token_id=0, eos_token_id=None)

    def generate(length):
        with torch.no_grad():
            made = peer.generate(given, attention_mask=torch.ones_like(given), max_new_tokens=length, **options)
        return made[:, PROMPT:].numpy()

    return generate


def step(form: str, rounds: int) -> dict[str, Any]:
    """A row of ours beside a form of PyTorch: differences first, then times, or why it does not work here."""
    ours = Ours("attention/gpt", STEP)
    try:
        theirs = Theirs(ours, FORMS[form])
        return {"form": form, "goal": GOALS[form], **check(ours, theirs), **measure(ours, theirs, rounds, 0.5)}
    except Exception as error:  # what torch.compile needs is not everywhere
        if form == "eager":
            raise
        return {"form": form, "goal": GOALS[form], "failed": str(error).splitlines()[0][:200]}


def gpu(peak_tflops: float, rounds: int) -> dict[str, Any]:
    """Times of a step of both, their ratio, and the share of the peak that each makes."""
    import jax
    import torch

    steps = pair(GPU_ROWS, "cuda", torch.compile)
    first = [float(steps.ours(0)[0]), float(steps.theirs(0))]
    assert abs(first[0] - first[1]) < 0.02, first

    def block(step, wait):
        def run(count):
            for number in range(count):
                loss = step(number)
            wait(loss)

        return run

    found = alternate(
        block(steps.ours, jax.block_until_ready), block(steps.theirs, lambda _: torch.cuda.synchronize()), rounds, 2.0
    )
    peak = 1e9 * peak_tflops  # FLOPs a millisecond
    shares = {name: steps.flops / found[f"{name}_ms"] / peak for name in ("ours", "torch")}
    device = jax.devices()[0].device_kind
    return {
        "device": device,
        "rows": GPU_ROWS,
        "peak_tflops": peak_tflops,
        "utilisation": shares,
        "losses": first,
        **found,
    }


def without_gpu() -> str:
    """What lacks where not both libraries see a GPU, else ""."""
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # else there is no memory left for PyTorch
    import jax
    import torch

    seen = {"jax": jax.default_backend() == "gpu", "torch": torch.cuda.is_available()}
    return " and ".join(name for name, there in seen.items() if not there)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default="generation,eager,compiled")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peak_tflops", type=float, default=989.0, help="of the GPU, dense bfloat16")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results" / "language_models.json")
    given = parser.parse_args()
    parts = given.parts.split(",")
    if "gpu" in parts and (blind := without_gpu()):
        sys.exit(f"language_models.py: --parts=gpu needs a GPU, and {blind} can see none here")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.threads])
    import torch

    from dlcv import door

    torch.set_num_threads(given.threads)
    door.keep_memory()
    result = json.loads(given.output.read_text()) if given.output.exists() else {}
    result |= conditions(given.threads)
    for part in parts:
        if part == "generation":
            result[part] = generation()
        elif part == "gpu":
            result[part] = gpu(given.peak_tflops, given.rounds)
        else:
            others = [row for row in result.get("step", ()) if row["form"] != part]
            result["step"] = [*others, step(part, given.rounds)]
        given.output.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
