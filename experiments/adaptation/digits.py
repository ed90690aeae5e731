"""Digits, one study: source only, DDC, DANN and DSN with the same encoder, steps and augmentation on three pairs of real domains.

Papers: Tzeng, Hoffman, Zhang, Saenko, Darrell, "Deep Domain Confusion", 2014; Ganin et al., "Domain-Adversarial Training of Neural
Networks", 2016; Bousmalis, Trigeorgis, Silberman, Krishnan, Erhan, "Domain Separation Networks", 2016. Reproduced: their table's rows.
Command: python -m dlcv.run --config=experiments/adaptation/digits.py[:small --data_dir=DATA]
`default`: digits to digits on photographs, embedded, 19 minutes on a busy core: 25.2, 33.0, 53.3, 56.5 % (spreads: README). `small`: MNIST
to MNIST-M (its published test files), MNIST to USPS and back, 1,000 steps for the last two; 70 minutes on two busy cores. Target accuracy over
3 seeds, source only, DDC, DANN, DSN: MNIST to MNIST-M 85.0 ± 0.7, 74.2 ± 1.7, 87.5 ± 1.1, 87.1 ± 1.4 (Bousmalis: DSN 83.2); MNIST to USPS
84.2 ± 1.1, 79.2 ± 1.3, 83.9 ± 0.2, 81.8 ± 3.3; USPS to MNIST 69.8 ± 3.3, 74.4 ± 2.3, 70.8 ± 0.7, 66.5 ± 9.0: nothing sure is gained there.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base

ARMS = (
    ("source only", "experiments/adaptation/source_only.py"),
    ("DDC", "experiments/adaptation/ddc.py"),
    ("DANN", "experiments/adaptation/dann.py"),
    ("DSN", "experiments/adaptation/dsn.py"),
)
WARP = (("affine", dict(shift=2.0, rotate=15.0, shear=10.0)),)
MNIST, USPS = dict(name="mnist", channels=3), dict(name="usps", size=28, channels=3)
PIXELS = "Bousmalis et al., Unsupervised Pixel-Level Domain Adaptation, 2017, unverified"
ADDA = "Tzeng et al., Adversarial Discriminative Domain Adaptation, 2017, 1,800 USPS images, unverified"
REPORTED = {  # by pair and arm; those of MNIST to MNIST-M are the arms' own
    "MNIST to USPS": {
        "source only": (0.789, PIXELS), "DDC": (0.811, PIXELS), "DANN": (0.851, PIXELS), "DSN": (0.913, PIXELS),
    },
    "USPS to MNIST": {"source only": (0.571, ADDA), "DANN": (0.730, ADDA)},
}  # fmt: skip


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.study("comparison", seeds=1 if rung == "smoke" else 3)
    config.study_kw = dict(arms=ARMS, rung=rung, metric="target/accuracy")
    if rung in ("small", "paper"):
        # grey digits need no recolouring; a short run of these pairs keeps `small` near an hour on 2 CPU cores
        grey = {"task_kw.augmentation": WARP} | ({"steps": 1000} if rung == "small" else {})
        config.study_kw.tasks = (
            ("MNIST to MNIST-M", {}),
            ("MNIST to USPS", {"data": dict(name="domains", source=MNIST, target=USPS), **grey}),
            ("USPS to MNIST", {"data": dict(name="domains", source=USPS, target=MNIST), **grey}),
        )
        config.reference = reference(rung)
    return config


def reference(rung: str) -> dict:
    """The papers' numbers under the names that the study's metrics have."""
    found = {
        f"{pair}/{arm}/target/accuracy": dict(value=value, source=source)
        for pair, arms in REPORTED.items()
        for arm, (value, source) in arms.items()
    }
    for arm, file in ARMS:
        own = catalogue.load(f"{file}:{rung}").reference
        found |= {f"MNIST to MNIST-M/{arm}/{metric}": number.to_dict() for metric, number in own.items()}
    return found
