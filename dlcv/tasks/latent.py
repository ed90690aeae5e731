"""An encoder and a decoder over one code, and the pictures of that code: what autoencoders, plain and variational, share."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure, Setup, View
from dlcv.models.autoencoder import decoder, encoder
from dlcv.models.net import Net
from dlcv.ops.keys import named

SUBTREES = ("encoder", "decoder")


def blank(spec):
    """One image of zeros, as a batch has them."""
    return jnp.zeros((1, *spec["image"].shape[1:]))


@dataclass(frozen=True)
class Pair:
    """Two networks without statistics; `classes` > 0 shows both the label of each image."""

    encoder: Net
    decoder: Net
    codes: int
    classes: int = 0

    @staticmethod
    def make(setup: Setup, size: str, codes: int, outputs: int | None = None, classes: int = 0) -> "Pair":
        """Of one row of the size table; the encoder gives `outputs` numbers an image, as many as codes where not given."""
        image = setup.batch_spec["image"].shape[1:]
        nets = encoder(size, outputs or codes, dtype=setup.dtype), decoder(size, image, dtype=setup.dtype)
        return Pair(*map(Net, nets), codes, classes)

    def init(self, key, image) -> dict[str, dict]:
        """Fresh parameters of the subtrees `encoder` and `decoder`; the encoder is shown images like `image` [1, Y, X, C]."""
        condition = self.condition(jnp.zeros((1,), jnp.int32))
        shown = {"encoder": image, "decoder": jnp.zeros((1, self.codes))}
        nets = {"encoder": self.encoder, "decoder": self.decoder}
        return {name: net.init(named(key, name), shown[name], condition, train=False)[0] for name, net in nets.items()}

    def condition(self, labels):
        """Labels [...] as one-hot [..., classes], None where nothing is conditioned."""
        return jax.nn.one_hot(labels, self.classes) if self.classes else None

    def encode(self, params, images, labels=None):
        """Images [B, Y, X, C] in [-1, 1] to the encoder's output [B, outputs]."""
        return self.encoder(params["encoder"], {}, images, self.condition(labels))[0]

    def decode(self, params, codes, labels=None):
        """Codes [B, Z] to [B, Y, X, C], of unlimited range."""
        return self.decoder(params["decoder"], {}, codes, self.condition(labels))[0]


def rows_figure(title: str, columns: list[str], **rows) -> Figure:
    """Named rows of images [N, Y, X, C] in [0, 1]; an underscore in a name is a space."""
    shown = {name.replace("_", " "): np.asarray(images, np.float32) for name, images in rows.items()}
    captions = {name: [""] * len(columns) for name in shown}
    return Figure("image_rows", dict(rows=shown, captions=captions, columns=columns, title=title))


def first_of_each(view: View, split: str, most: int = 10) -> np.ndarray:
    """Rows of the first example of each class, or simply the first examples where there are no labels."""
    labels = view.examples[split].get("label")
    if labels is None:
        return np.arange(min(most, len(view.examples[split]["image"])))
    return np.unique(labels, return_index=True)[1][:most]


def class_names(view: View, split: str, rows: np.ndarray) -> list[str]:
    """The class of each row, "" where there are no labels."""
    labels = view.examples[split].get("label")
    return [""] * len(rows) if labels is None else [str(view.info["classes"][label]) for label in labels[rows]]


def grid(images, columns: int, title: str, row_labels: list[str] | None = None) -> Figure:
    """Images [N, Y, X, C] in [0, 1], `columns` to a row."""
    return Figure("image_grid", dict(images=np.asarray(images), columns=columns, title=title, row_labels=row_labels))


def between(ends, steps: int = 10):
    """Straight walks: [2, N, Z] to [N * steps, Z], from the first end to the second."""
    t = jnp.linspace(0, 1, steps)[None, :, None]
    return ((1 - t) * ends[0][:, None] + t * ends[1][:, None]).reshape(-1, ends.shape[-1])


def quantile_grid(side: int):
    """Codes [side * side, 2] at equal steps of probability of N(0, I), the first coordinate from left to right, the second upwards.

    (Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, figure 4.)
    """
    quantiles = jax.scipy.special.ndtri((jnp.arange(side) + 0.5) / side)
    x, y = jnp.meshgrid(quantiles, quantiles[::-1])
    return jnp.stack([x.ravel(), y.ravel()], -1)
