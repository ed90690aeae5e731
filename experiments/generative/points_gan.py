"""GAN of points: two small networks on a ring of 8 Gaussians, on which lost modes are seen and counted.

Papers: Goodfellow et al., "Generative Adversarial Nets", 2014; Metz, Poole, Pfau, Sohl-Dickstein, "Unrolled Generative Adversarial
Networks", 2017, for the ring. Reproduced: modes covered and the share of samples near one, under Adam as it comes (1e-3, momentum 0.9),
which is where modes are lost: with momentum 0.5 all 8 stay. Any loss, penalty and term by --config.task_kw.loss and so on.
Command: python -m dlcv.run --config=experiments/generative/points_gan.py[:small] [--config.data.shape=grid]
`default`: 3,000 steps, half a minute for 5 seeds on one core: 6.4 ± 3.0 of 8 modes, the plain arm of
ring.py. `small` and `paper`: Metz et al.'s codes, rates and 25,000 steps, under which a plain GAN wanders between modes.
"""

from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    adam = base.optimizer("adam", 1e-3)
    config = base.experiment(
        task="gan", task_kw=dict(architecture="mlp", width=64, codes=2),
        seeds=5, steps=3000, batch_size=256, log_every=500, eval_every=500, score_every=500, checkpoint_every=1500,
        data=dict(name="gaussians", shape="ring"),
        optimizer=dict(generator=adam, discriminator=adam.copy_and_resolve_references()),
        select=dict(metric="modes/covered", mode="max"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=16, eval_batch_size=250)
        config.data.update(limit=500, valid_limit=250)
        config.task_kw.width = 16
    if rung in ("small", "paper"):
        config.update(steps=25_000, batch_size=512, checkpoint_every=2500, eval_every=2500, score_every=2500)
        config.task_kw.update(width=128, codes=256)
        for player, rate in (("generator", 1e-3), ("discriminator", 1e-4)):
            config.optimizer[player] = base.optimizer("adam", rate, options=dict(b1=0.5))
    return config
