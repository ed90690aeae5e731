"""Fashion-MNIST: 60,000 train and 10,000 valid (the published test) pictures of clothes, 28x28 grey.

Files: the four published idx .gz in <data_dir>/fashion_mnist/.
Source: Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms",
2017.
"""

from dlcv.data.files import File, Form
from dlcv.data.idx import FILES, idx_data, idx_spec, read_mnist
from dlcv.data.source import Data, Spec

CLASSES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
SHA256 = (
    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
)
URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
FORMS = (Form(tuple(File(name, sha256, URL + name) for name, sha256 in zip(FILES, SHA256, strict=True)), read_mnist),)


def spec(*, size: int = 28, channels: int = 1, limit: int | None = None, valid_limit: int | None = None) -> Spec:
    """Images [size, size, channels] of 10 classes, size 28 or 32 (padded); limits keep the first examples."""
    return idx_spec(CLASSES, size, channels)


def load(
    *,
    data_dir: str | None = None,
    size: int = 28,
    channels: int = 1,
    limit: int | None = None,
    valid_limit: int | None = None,
) -> Data:
    """The published pictures in published order."""
    return idx_data("fashion_mnist", FORMS, spec(size=size, channels=channels), data_dir, limit, valid_limit)
