"""Closed-form adaptation on activations of a CNN of our own: trained on one set, read on domains it has not seen.

Paper: Donahue et al., "DeCAF: A Deep Convolutional Activation Feature for Generic Visual Recognition", 2014; protocol of Gong et al.,
"Geodesic Flow Kernel for Unsupervised Domain Adaptation", 2012. Reproduced: a hidden layer as features, 1-NN with and without
adaptation, beside 1-NN on pixels.
Command: python -m dlcv.run --config=experiments/adaptation/own_features.py[:small --data_dir=DATA]
`default`: a CNN trained on 240 clean digits; four domains of digits, 9 tasks, a minute on one core: pixels 59.4 %, features
66.0 ± 1.4, JGSA on them 70.6 ± 2.1 over 3 seeds. On photographs the features do worse than pixels, adapted or not (36 to 40 %).
`small`: CIFAR-10 as JPEG (72 % there) to the four Office-Caltech domains at 32x32, 12 tasks, 6 minutes on one core: pixels 25.9 %,
features 38.0 ± 0.9, JGSA 41.8 ± 3.2. `paper`: ResNet-9 of vision/cnn.py. The paper's network saw ImageNet, and its classifiers
were others: it has no number for this. CORAL changes little, its ridge of 1 outweighs the covariance of rows of unit length.
"""

from dlcv.engine import config as base

METHODS = (
    ("raw", "raw", {}), ("CORAL", "coral", {}), ("SA", "sa", {}), ("TCA", "tca", {}), ("JDA", "jda", dict(dim=30)),
    ("JGSA", "jgsa_primal", {}),
)  # fmt: skip


def get_config(rung: str = "default"):
    base.check_rung(rung)
    if rung in ("smoke", "default"):  # trained on `clean` alone, whose labels a task that leads there would know
        set_of = dict(name="digit_domains", size=28)
        domains = tuple((label, dict(set_of, domain=label)) for label in ("clean", "bold", "photographs", "turned"))
        study = dict(
            source=f"experiments/vision/cnn.py:{rung}", changes=dict(data=dict(domains[0][1])), not_targets=("clean",),
        )  # fmt: skip
    else:
        set_of = dict(name="office_images", size=32)
        domains = tuple((label, dict(set_of, domain=label)) for label in ("amazon", "caltech10", "dslr", "webcam"))
        steps = dict(steps=1500, eval_every=1500, checkpoint_every=500) if rung == "small" else {}
        study = dict(source=f"experiments/vision/cnn.py:{rung}", changes=steps)
    methods = METHODS[:2] if rung == "smoke" else METHODS
    return base.study(
        "own_features",
        seeds=1 if rung == "smoke" else 3,
        study_kw=dict(study, layer="features", domains=domains, methods=methods),
    )
