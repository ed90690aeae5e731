"""What pre-training is worth: the same sentence classifier from scratch, from our own pre-training, and with that encoder frozen.

Paper: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019 (its gains
over what came before; no small model from scratch). Reproduced: mean difference and its interval of 95 % over 5 seeds, paired.
Command: python -m dlcv.run --config=experiments/attention/fine_tuning.py[:small --data_dir=DATA]
So short a pre-training harms: 5.44 nats a hidden token (unigram 6.16), and the mean of the frozen encoder's vectors tells little.
`default`, 5 seeds, 17 minutes on a busy core: from scratch 54.0 ± 1.3 %, pre-trained 45.0 ± 0.6, frozen 27.9 ± 0.7; the difference is
-9.0 ± 1.2 points. `small`, 2,000 steps of pre-training (5.95 nats, unigram 6.80), SST-2: from scratch 78.9 ± 0.6 % (test 78.9 ± 0.5),
pre-trained 77.3 ± 1.1 (76.4 ± 0.4), the difference -1.6 ± 1.0 points (test -2.5 ± 0.6); frozen was not run. A longer one is unmeasured.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")
FROZEN = (("model/(embedding|segments|norm|stack)", "frozen", 1), ("(bias|scale)$", "weight_decay", 0.0))


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    arms = (
        ("from scratch", {"start.source": ""}),
        ("pre-trained", {}),
        ("pre-trained, frozen", {"optimizer.rules": FROZEN, "optimizer.learning_rate": 3e-3}),
    )
    study = dict(source="experiments/attention/sst2.py", rung=rung, arms=arms, metrics=("valid/accuracy",), changes={})
    if rung == "small":
        study.update(metrics=("valid/accuracy", "test/accuracy"))
    return base.study("paired_arms", study_kw=study, seeds=1 if rung == "smoke" else 5)
