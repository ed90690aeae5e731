"""Transfer learning, what, when and why: fine-tuned and frozen features against training from scratch by number of target labels.

Paper: Yosinski, Clune, Bengio, Lipson, "How Transferable Are Features in Deep Neural Networks?", 2014; negative transfer: Pan and Yang,
"A Survey on Transfer Learning", 2010. Reproduced: what features are worth for new classes depends on what they were asked for before.
Target: digits 5 to 9 on photographs. Two sources of the same kind of image: one is labelled with the digit (0 to 4), the other with the
photograph under it. No image, class or test photograph is shared with the target.
Command: python -m dlcv.run --config=experiments/adaptation/transfer.py[:small --data_dir=DATA]
`default`: digits of scikit-learn on photographs, about 8 minutes on one free CPU core (estimated). `small`: MNIST-M, not measured.
Gain over training from scratch, 3 seeds, at 1 / 5 / 20 labels a class: fine-tuned from digits +9.2 ± 5.6, +12.5 ± 6.9, +1.8 ± 3.3 points,
frozen +16.5 ± 10.6, +12.0 ± 6.7, -21.7 ± 4.5; fine-tuned from photographs, negative transfer, -2.5 ± 2.6, -15.5 ± 6.4, -32.3 ± 2.3.
Fine-tuned layers learn at a tenth of the head's rate, which helps good features to stay and bad ones too.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")
FILE = "experiments/adaptation/few_labels.py"
CARRY = ((r"model/(?!head)(.*)", r"model/\1"),)  # all but the head, statistics too
DECAY = ("(bias|scale)$", "weight_decay", 0.0)
GENTLE = {"start.rules": CARRY, "optimizer.rules": (("model/(?!head)", "learning_rate", 0.1), DECAY)}
FROZEN = {"start.rules": CARRY, "optimizer.rules": (("model/(?!head)", "frozen", 1), DECAY)}


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    smoke = rung == "smoke"
    more = {} if smoke else {"steps": 600}
    digits = {"data.classes": tuple("01234"), "data.labelled": "all"}
    photographs = {"data": dict(name="photographs_under_digits")}
    sources = (("digits", FILE, {**digits, **more}), ("photographs", FILE, {**photographs, **more}))
    arms = (
        ("from scratch", FILE, "", {}),
        ("fine-tuned from digits", FILE, "digits", GENTLE),
        ("frozen, from digits", FILE, "digits", FROZEN),
        ("fine-tuned from photographs", FILE, "photographs", GENTLE),
        ("frozen, from photographs", FILE, "photographs", FROZEN),
    )
    return base.study("transfer", seeds=1 if smoke else 3, study_kw=dict(
        arms=arms, sources=sources, labelled=(1, 2) if smoke else (1, 2, 5, 10, 20), rung=rung, metric="valid/accuracy",
        shown=("frozen, from digits", "frozen, from photographs"),
    ))  # fmt: skip
