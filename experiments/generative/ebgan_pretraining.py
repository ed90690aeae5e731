"""The autoencoder of EBGAN alone, before the game: at margin 0 fake images cost nothing, and the generator stands still.

Paper: Zhao, Mathieu, LeCun, "Energy-based Generative Adversarial Network", 2017. Reproduced: the start of the
pre-trained arm of ebgan_convergence.py, which trains it on demand.
`default`: 500 steps, half a minute for 3 seeds; what it is worth is in ebgan_convergence.py.
Command: python -m dlcv.run --config=experiments/generative/ebgan_pretraining.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/ebgan.py:{rung}")
    config.task_kw.update(margin=0.0, pull_away=0.0)
    config.optimizer.generator.learning_rate = 0.0
    config.ema.decay = 0.0
    config.select.metric, config.select.mode = "valid/real", "min"
    if rung == "default":
        config.update(steps=500)
    return config
