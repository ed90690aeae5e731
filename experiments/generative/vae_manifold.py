"""VAE with a plane of codes: the manifold of digits at equal steps of the prior's probability.

Paper: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, figure 4 b. Reproduced: the picture `manifold`, and the bound with two
codes to be read beside vae.py's.
Command: python -m dlcv.run --config=experiments/generative/vae_manifold.py[:small --data_dir=DATA]
`default`: scikit-learn's digits, 1.5 minutes for 3 seeds on one core: 199.5 ± 0.9 nats, of which 5.0 are KL (vae.py, 16 codes: 178.4 and
14.4); 9 of the 10 classes take at least 2 % of the plane.
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/vae.py:{rung}")
    config.task_kw.codes, config.reference = 2, {}
    return config
