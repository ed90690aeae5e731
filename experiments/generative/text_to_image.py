"""Text to image: a two-stage generator draws "a small green seven on a blue ground", a discriminator a size tells wrong sentences too.

Paper: Zhang, Xu, Li, Zhang, Wang, Huang, Metaxas, "StackGAN++: Realistic Image Synthesis with Stacked Generative Adversarial Networks",
2018. Reproduced: stages on one hidden map, conditional and unconditional losses of each size, conditioning augmentation; the sentence is read
by an LSTM trained with the discriminator, where the paper takes a pre-trained one. No number of the paper is of these pictures.
Command: python -m dlcv.run --config=experiments/generative/text_to_image.py
`default`: captioned scenes of digits, embedded, 17 minutes for 5 seeds on one core: ground, colour and size are as asked, the digit
in 53 ± 4 % (chance is 10) and still rising, LeNet-FID 24.4 ± 1.8 (real against real 13.3); a sentence wrong in one word is told in 94 ± 1 %.
`small`: three times the steps under rates that fall, 43 minutes of one core for 3 seeds: the digit in 61.7 ± 0.3 %, LeNet-FID 21.0 ± 0.1, but a
sentence has one picture, not many (two lie 0.029 ± 0.002 apart in pixels, after a third of the steps 0.055), and its digits are told by the
judge more easily than by the eye. What it took (one seed each, digits as asked): sentences as maps beside the maps 10 %, by projection 11,
more often wrong where more words can stand, 11, and at 1e-3 rather than 5e-4 over 5,000 steps 56. What did not help after 2,500 to 3,000 steps
(20 % without): eight wrong sentences an image 16, both players' images warped 15. `paper`: wider and longer, for a GPU, not run.
"""

from dlcv.engine import config as base

JUDGE = "experiments/vision/cnn_on_scenes.py:default"  # its three seeds


def get_config(rung: str = "default"):
    base.check_rung(rung)
    adam = dict(name="adam", learning_rate=1e-3, options=dict(b1=0.5))
    config = base.experiment(
        task="text_to_image", task_kw=dict(width=16, judge=JUDGE),
        seeds=3, steps=5000, batch_size=64, log_every=50, eval_every=1000, score_every=5000, checkpoint_every=1000,
        data=dict(name="captioned_digits"), optimizer=dict(discriminator=base.optimizer(**adam), generator=base.optimizer(**adam)),
        ema=dict(decay=0.995, subtrees=("generator",)),
        start=dict(source=JUDGE, which="last", rules=((r"seed_(\d+)/model/(.*)", r"judge/\1/\2"),)),
        select=dict(metric="valid/as_asked", mode="max"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=16)
        config.task_kw, config.data.draws = dict(width=4, words=8, condition=4, codes=4), 1
        config.start.source, config.select.metric = "", "valid/tells_wrong"
    if rung == "small":
        config.update(steps=15_000, eval_every=2500, score_every=5000, checkpoint_every=2500)
        for player in config.optimizer.values():
            player.schedule = "cosine"
    if rung == "paper":
        config.update(steps=20_000, steps_per_call=10, eval_every=2000, score_every=2000, checkpoint_every=2000)
        config.task_kw.width = 64
    return config
