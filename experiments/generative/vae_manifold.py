"""VAE with a plane of codes: the manifold of digits at equal steps of the prior's probability.

Paper: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, figure 4 b. Reproduced: the picture `manifold`, and the bound with two
codes to be read beside vae.py's.
Command: python -m dlcv.run --config=experiments/generative/vae_manifold.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/vae.py:{rung}")
    config.task_kw.codes, config.reference = 2, {}
    return config
