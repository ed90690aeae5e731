"""What pre-training is worth: the same sentence classifier from scratch, from our own pre-training, and with that encoder frozen.

Paper: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019 (its gains
over what came before; no small model from scratch). Reproduced: mean difference and its interval of 95 % over 5 seeds, paired.
Command: python -m dlcv.run --config=experiments/attention/fine_tuning.py[:small --data_dir=DATA]
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")
VECTORS = ((r"model/(embedding|norm)/(.*)", r"model/\1/\2"),)
FROZEN = (("model/(embedding|segments|norm|stack)", "frozen", 1), ("(bias|scale)$", "weight_decay", 0.0))


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    arms = (
        ("from scratch", {"start.source": ""}),
        ("pre-trained", {}),
        ("pre-trained vectors of tokens", {"start.rules": VECTORS}),
        ("pre-trained, frozen", {"optimizer.rules": FROZEN, "optimizer.learning_rate": 3e-3}),
    )
    study = dict(source="experiments/attention/sst2.py", rung=rung, arms=arms, metrics=("valid/accuracy",), changes={})
    if rung == "small":
        study.update(metrics=("valid/accuracy", "test/accuracy"))
    return base.study("fine_tuning", study_kw=study, seeds=1 if rung == "smoke" else 5)
