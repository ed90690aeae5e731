"""Denoising autoencoder: digits back from Gaussian noise or from missing pixels.

Paper: Vincent, Larochelle, Bengio and Manzagol, "Extracting and Composing Robust Features with Denoising Autoencoders", 2008 (missing
pixels; Gaussian noise: Vincent et al., 2010). Reproduced: the squared error a pixel against the clean image beside the corrupted image's
own, and the linear probe of autoencoder.py on codes of clean images.
Command: python -m dlcv.run --config=experiments/generative/denoising.py[:small --data_dir=DATA]
["--config.task_kw.corruption=('masking', 0.5)"]
`default`: scikit-learn's digits, noise of deviation 1: 2 minutes for 3 seeds on one CPU core: squared error 0.0235 ± 0.0003 where the
corrupted image's is 1.001, probe 92.5 ± 2.3 % (without noise, autoencoder.py: 91.0 ± 1.7 %).
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/autoencoder.py:{rung}")
    config.task_kw.corruption = ("gaussian", 1.0)
    return config
