"""GPT in three minutes: a character Transformer for a CPU, 0.8 million parameters.

Paper: Karpathy, nanoGPT, 2022, whose README reports 1.88 nats a character on tiny Shakespeare after three minutes on a CPU. Reproduced: nats a
character on the last tenth, over windows of the context's length; wall time.
Command: python -m dlcv.run --config=experiments/attention/gpt_in_three_minutes.py[:small --data_dir=DATA]
`default`: the source code of Python's standard library, not run. `small`: tiny Shakespeare: 1.786 ± 0.004 nats, 3 seeds, 85 seconds of CPU
a seed, compilation and evaluation too; 5 minutes for all three on a machine that did other work. Places are rotary, nanoGPT's are learned.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")
NANOGPT = dict(value=1.88, source="nanoGPT's README, a CPU in 3 minutes")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    config = base.experiment(
        task="causal_language_model", task_kw=dict(size="char-cpu", positions="rotary"),
        seeds=3, cpu_devices=2, steps=1200, batch_size=16, eval_batch_size=128, log_every=50, eval_every=1200, checkpoint_every=300,
        data=dict(name="windows", of=dict(name="code", length=64)),
        optimizer=base.optimizer("adamw", 3e-3, schedule="cosine", warmup=100, weight_decay=0.1, clip_norm=1.0, options=dict(b2=0.99)),
        select=dict(metric="valid/nats", mode="min"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=8, eval_batch_size=8)
        config.data = dict(name="windows", of=dict(name="prose", length=16, limit=8000))
        config.task_kw.size, config.optimizer.warmup = "tiny", 1
    if rung == "small":
        config.data = dict(name="windows", of=dict(name="shakespeare", length=64))
        config.reference = {"valid/nats": NANOGPT}
    return config
