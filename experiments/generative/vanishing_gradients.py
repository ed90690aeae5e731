"""Vanishing gradients: what is left of the generator's gradient as the discriminator gets better, by loss.

Paper: Arjovsky, Bottou, "Towards Principled Methods for Training Generative Adversarial Networks", 2017, figure 2. Reproduced: with
the generator held after a little training, a fresh discriminator is trained alone; the gradient of the minimax loss dies away, that of
the non-saturating loss stays or grows, that of a Wasserstein critic under its gradient penalty stays.
Command: python -m dlcv.run --config=experiments/generative/vanishing_gradients.py
`default`: 3.5 minutes on one CPU core, 5 seeds, a generator of 200 steps. After 400 updates of the discriminator, which tells every pair
from the 70th on, 4.9 ± 2.6 % of the minimax gradient's norm are left; the non-saturating one is 34 ± 13 times as large as at first, the
Wasserstein critic's 7.7 ± 3.4 times, and level from the 100th update on. No larger rung: it shows a law, not a system.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default")
UNJUDGED = (("task_kw.judge", ""), ("start.source", ""), ("select.metric", ""))
ARMS = (
    ("minimax", {"task_kw.loss": "minimax"}),
    ("non-saturating", {"task_kw.loss": "non_saturating"}),
    ("Wasserstein, gradient penalty", {"task_kw.loss": "wasserstein", "task_kw.penalty": "gradient", "task_kw.norm": "layer"}),
)  # fmt: skip


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    updates = (0, 1, 2) if rung == "smoke" else (0, 5, 10, 20, 40, 70, 100, 150, 200, 300, 400)
    steps = () if rung == "smoke" else (("steps", 200), ("eval_every", 200), ("checkpoint_every", 200))
    study = dict(
        source="experiments/generative/dcgan.py", rung=rung, changes=(*UNJUDGED, *steps), updates=updates, arms=ARMS
    )
    return base.study("vanishing_gradients", study_kw=study, seeds=1 if rung == "smoke" else 5)
