"""Sequence VAE: windows of prose from Gaussian codes, with the KL term annealed and words hidden from the decoder.

Paper: Bowman, Vilnis, Vinyals, Dai, Jozefowicz and Bengio, "Generating Sentences from a Continuous Space", 2016. Reproduced: the bound in
nats a character, a KL that does not vanish, windows written from codes and along walks between two sentences (python -m dlcv.sample).
Command: python -m dlcv.run --config=experiments/generative/sequence_vae.py[:small --data_dir=DATA]
`default`, 5 minutes for 3 seeds on one core: 1.902 ± 0.019 nats a character, of which the KL is 3.2 ± 0.1 nats a window.
"""

from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.experiment(
        task="sequence_vae", task_kw=dict(size="small", codes=16, warmup=1500, word_dropout=0.6),
        seeds=3, steps=2000, batch_size=64, eval_batch_size=64, log_every=100, eval_every=500, checkpoint_every=500,
        data=dict(name="prose", length=32), optimizer=base.optimizer("adam", 4e-3, schedule="cosine", clip_norm=1.0),
        select=dict(metric="valid/negative_elbo", mode="min"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=8, eval_batch_size=8)
        config.data = dict(name="prose", length=16, limit=8000)
        config.task_kw = dict(size="tiny", codes=4, warmup=2, word_dropout=0.4)
    if rung in ("small", "paper"):
        config.update(steps=4000, eval_every=1000, checkpoint_every=1000)
        config.data = dict(name="shakespeare", length=32)
        config.task_kw.warmup = 3000
    if rung == "paper":
        config.update(steps=50_000, batch_size=128, steps_per_call=10, eval_every=5000, checkpoint_every=5000)
        config.data = dict(name="war_and_peace", length=64)
        config.task_kw = dict(size="bowman", codes=32, warmup=10_000, word_dropout=0.4)
    return config
