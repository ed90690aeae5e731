"""dlcv: deep learning for computer vision, one loop, one contract, every method of the lectures."""

__version__ = "0.1.0"
