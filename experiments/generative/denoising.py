"""Denoising autoencoder: digits back from Gaussian noise or from missing pixels.

Paper: Vincent, Larochelle, Bengio and Manzagol, "Extracting and Composing Robust Features with Denoising Autoencoders", 2008 (missing
pixels; Gaussian noise: Vincent et al., 2010). Reproduced: the squared error a pixel against the clean image beside the corrupted image's
own, and the linear probe of autoencoder.py on codes of clean images.
Command: python -m dlcv.run --config=experiments/generative/denoising.py[:small --data_dir=DATA]
["--config.task_kw.corruption=('masking', 0.5)"]
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/autoencoder.py:{rung}")
    config.task_kw.corruption = ("gaussian", 1.0)
    return config
