"""MNIST: 60,000 train and 10,000 valid (the published test) handwritten digits, 28x28 grey.

Files: the four published idx .gz in <data_dir>/mnist/.
Source: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998.
"""

from dlcv.data.files import File, Form
from dlcv.data.idx import FILES, idx_data, idx_spec, read_mnist
from dlcv.data.source import Data, Spec

CLASSES = tuple("0123456789")
SHA256 = (
    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
)
URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"
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
    """The published digits in published order."""
    return idx_data("mnist", FORMS, spec(size=size, channels=channels), data_dir, limit, valid_limit)
