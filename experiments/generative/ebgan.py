"""EBGAN: the discriminator is an autoencoder, its error on an image the image's energy, and samples are pulled apart in its code.

Paper: Zhao, Mathieu, LeCun, "Energy-based Generative Adversarial Network", 2017. Reproduced: samples of digits, the energies of real and
fake images over time (`real`, `fake`); pull-away weight 0.1, a margin of a mean squared error
(at `paper` batch / 64, as in public code, unverified).
Command: python -m dlcv.run --config=experiments/generative/ebgan.py[:small --data_dir=DATA]
`default`, 2.5 minutes for 3 seeds on one core: LeNet-FID 8.9 ± 0.2 (real against real 1.7), confidence 0.83, 10 classes.
With the autoencoder trained first (ebgan_pretraining.py): an arm of ebgan_convergence.py.
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    config.task_kw.update(
        architecture="autoencoder", loss="energy", margin=2.0 if rung == "paper" else 0.2, pull_away=0.1
    )
    for player in config.optimizer.values():
        player.learning_rate = 1e-3
    return config
