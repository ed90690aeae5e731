"""GPT: a causal Transformer over characters or byte pairs, samples on a cache, loss against the length of the context.

Papers: Radford, Wu, Child, Luan, Amodei, Sutskever, "Language Models are Unsupervised Multitask Learners", 2019; Karpathy, nanoGPT, 2022.
Reproduced: nats a character on the last tenth of a text.
Command: python -m dlcv.run --config=experiments/attention/gpt.py[:small --data_dir=DATA]
`default`: English prose, two and a half minutes on two cores: 1.84 ± 0.01 nats, 3 seeds. `small`: tiny Shakespeare by 10.8 million parameters,
for a GPU (nanoGPT reports 1.47 nats); not run for want of one, `gpt_in_three_minutes.py` is what a CPU can do. `paper`: GPT-2 with 124 million
parameters on a folder of texts, --config.data.of.path=FOLDER, such as OpenWebText, not run. A checkpoint of Transformers goes on by
--config.start.source=FOLDER.
Samples: python -m dlcv.sample --workdir=WORKDIR --option='prefix="The "' --option=p=0.9 [--what=attention]
"""

from dlcv.engine import config as base

NANOGPT = dict(value=1.47, source="nanoGPT's README, one A100 for 3 minutes")


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.experiment(
        task="causal_language_model", task_kw=dict(size="char-cpu", dropout=0.1),
        seeds=3, cpu_devices=2, steps=400, batch_size=32, eval_batch_size=64, log_every=50, eval_every=200, checkpoint_every=200,
        data=dict(name="windows", of=dict(name="prose", length=64)),
        optimizer=base.optimizer("adamw", 4e-3, schedule="cosine", warmup=50, weight_decay=0.1, clip_norm=1.0, options=dict(b2=0.99)),
        select=dict(metric="valid/nats", mode="min"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=8, eval_batch_size=8)
        config.data.of.update(length=16, limit=8000)
        config.task_kw.size, config.optimizer.warmup = "tiny", 1
    if rung == "small":
        config.update(steps=5000, batch_size=64, eval_every=250, checkpoint_every=500, dtype="bfloat16")
        config.data = dict(name="windows", of=dict(name="shakespeare", length=256))
        config.task_kw.update(size="char-gpu", dropout=0.2)
        config.optimizer.update(learning_rate=1e-3, warmup=100, schedule_options=dict(end=0.1))
        config.reference = {"valid/nats": NANOGPT}
    if rung == "paper":
        config.update(
            seeds=1,
            steps=600_000,
            batch_size=480,
            eval_every=5000,
            checkpoint_every=5000,
            accumulate=8,
            dtype="bfloat16",
        )
        config.data = dict(name="windows", of=dict(name="text_folder", path="openwebtext", size=50_257, length=1024))
        config.task_kw.update(size="gpt2-small", dropout=0.0)
        config.optimizer.update(learning_rate=6e-4, warmup=2000, options=dict(b2=0.95), schedule_options=dict(end=0.1))
        config.reference = {
            "valid/nats": dict(value=2.85, source="nanoGPT's README, OpenWebText, 124 million parameters")
        }
    return config
