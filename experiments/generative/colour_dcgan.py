"""DCGAN in colour: samples of CIFAR-10, judged in the features of CIFAR-10 classifiers trained in the project (CIFAR-FID).

Paper: Radford, Metz, Chintala, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks", 2016.
Reproduced: samples of natural pictures, their Fréchet distance last and best, beside the distance between two halves of the real set.
Command: python -m dlcv.run --config=experiments/generative/colour_dcgan.py:small --data_dir=DATA
`small`: CIFAR-10 as JPEG, a narrow network sized for the CPU, 7 minutes for 3 seeds on one core: CIFAR-FID 33 ± 5, real against real 1.5:
colours and layouts of photographs, no object that one could name. On a GPU add
--config.task_kw.width=64 --config.steps=20000 --config.steps_per_call=10. `smoke`: digits on photographs. `paper`: dcgan.py's.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base

RUNGS = ("smoke", "small", "paper")


def get_config(rung: str = "small"):
    base.check_rung(rung, RUNGS)
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    if rung == "smoke":
        config.data = dict(name="digits_on_photographs", draws=1, limit=64, valid_limit=32)
    if rung == "small":
        config.data = dict(name="cifar10_jpg", valid_limit=5000)
        config.task_kw.width, config.select.metric = 32, "cifar/frechet"
        config.task_kw.judge = config.start.source = "experiments/vision/cnn_on_cifar10.py:small"
    return config
