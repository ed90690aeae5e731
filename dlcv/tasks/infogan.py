"""InfoGAN: codes of the generator that the image must tell; their posterior is a head on the discriminator's features.

Source: Chen, Duan, Houthooft, Schulman, Sutskever and Abbeel, "InfoGAN: Interpretable Representation Learning by Information
Maximizing Generative Adversarial Nets", 2016.
"""

from collections.abc import Mapping
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure, Setup, Task, View
from dlcv.errors import Misuse, unknown
from dlcv.losses.adversarial import LOSSES
from dlcv.losses.information import categorical_information, gaussian_information, paired_information
from dlcv.models.adversaries import Form, adversaries
from dlcv.models.infogan import Posterior
from dlcv.models.net import Net
from dlcv.quality.disentanglement import matched_error, mutual_information_gap
from dlcv.tasks.adversarial import Game, Prior, Seen, Space, Term
from dlcv.tasks.drawings import drawn
from dlcv.tasks.gan import chosen_terms

HEAD = "posterior"  # owned by the generator's player


def posterior(outputs_BO: jax.Array, categories: int):
    """(logits of the category [B, K], means of the continuous codes [B, J]) of the head's outputs; every deviation is 1.

    A deviation that is learnt, as in the paper's text, pays for ever sharper codes: continuous ones became switches between digits and the
    category a style. The authors' code fixes it too.
    """
    return outputs_BO[:, :categories], outputs_BO[:, categories:]


def of_category(seen: Seen):
    c = seen.latents["category"]
    return categorical_information(posterior(seen.told_fake[HEAD], c.shape[1])[0], c)


def of_continuous(seen: Seen):
    _, mean = posterior(seen.told_fake[HEAD], seen.latents["category"].shape[1])
    return gaussian_information(mean, jnp.zeros_like(mean), seen.latents["continuous"])


def of_agreement(categories: int, seen: Seen):
    """Of real images under two draws of the augmentation; the second varies what the first has made."""
    told = seen.told_real, seen.tell(seen.vary(seen.real, "again"))
    return paired_information(*(posterior(each[HEAD], categories)[0] for each in told))


def make(
    setup: Setup, architecture: str = "infogan", loss: str = "non_saturating", codes: int = 62, categories: int = 10, continuous: int = 2,
    weights=(1.0, 1.0), norm: str = "batch", spectral: bool = False, hidden: int = 128, width: int = 64, augmentation=(),
    category_scale: float = 1.0, agreement: float = 0.0, penalty: str = "", penalty_weight: float = 10.0, mode_seeking: float = 0.0,
    clip: float = 0.0, discriminator_steps: int = 1, judge: str = "",
) -> Task:  # fmt: skip
    """Players `discriminator`, then `generator` with the posterior; the bounds of the information are maximised with these weights.

    Weights are those of the categorical code and of the continuous ones. The discriminator's layers below both heads climb the bounds too,
    as in the authors' code. `category_scale` is the size of the category beside Gaussian noise. `agreement` weighs what those layers gain
    where two augmentations of a real image have one category and all categories are equally frequent: a digit's slant or place is then no
    category (Ojha, Singh, Hsieh and Lee, "Elastic-InfoGAN", 2020, by a contrastive loss; here by the information of Ji, Henriques and
    Vedaldi, 2019). Other keywords as of the task "gan". Raises Misuse as it does, for other than two weights and for an agreement without an
    augmentation.
    """
    if loss not in LOSSES:
        raise unknown("adversarial loss", loss, LOSSES)
    if len(weights) != 2:
        raise Misuse(f"weights={tuple(weights)}: expected two, of the categorical code and of the continuous ones")
    if agreement and not augmentation:
        raise Misuse(
            f"agreement={agreement} compares two augmentations of an image, and augmentation=() leaves it as it is"
        )
    space = Space.of(setup.batch_spec)
    pair = adversaries(architecture, Form(space.shape, width, norm, spectral, setup.dtype))
    bounds = (Term("category_nats", -weights[0], of_category), Term("continuous_nats", -weights[1], of_continuous))
    agreed = (Term("agreement_nats", -agreement, partial(of_agreement, categories)),) if agreement else ()
    chosen = chosen_terms(norm, architecture, penalty=penalty, penalty_weight=penalty_weight, mode_seeking=mode_seeking)
    terms = {"generator": bounds + chosen["generator"], "discriminator": bounds + agreed + chosen["discriminator"]}
    game = Game(
        Net(pair.generator), Net(pair.discriminator), LOSSES[loss],
        Prior({"noise": codes, "category": categories, "continuous": continuous}), space,
        heads={HEAD: Net(Posterior(hidden, categories + continuous, norm, setup.dtype))},
        terms=terms, augmentation=tuple(augmentation), scales={"category": category_scale},
    )  # fmt: skip
    figures = {"categories": partial(categories_figure, game)}
    figures |= {f"continuous_{number + 1}": partial(continuous_figure, game, number) for number in range(continuous)}
    scores = {"codes": partial(told, categories)} if "label" in setup.batch_spec else {}
    return game.task(
        setup, discriminator_steps=discriminator_steps, clip=clip, judge=judge, heads_of={HEAD: "generator"}, scores=scores,
        figures=figures,
    )  # fmt: skip


def told(categories: int, view: View) -> Mapping[str, float]:
    """The posterior of real images: `error` of its category as a classifier, each category named by the best matching, and the MIG.

    There is no gap where the split has one label only.
    """
    split = next(iter(view.outputs))
    logits, means = posterior(view.outputs[split][HEAD], categories)
    labels, guesses = np.asarray(view.examples[split]["label"]), np.asarray(logits).argmax(-1)
    gap = mutual_information_gap([guesses, *np.asarray(means).T], [labels])
    return {"error": matched_error(guesses, labels)} | ({} if np.isnan(gap) else {"mutual_information_gap": gap})


def categories_figure(game: Game, view: View) -> Figure:
    """One category a column; all other codes are those of the row."""
    K = game.prior.parts["category"]
    rows = {kind: jnp.repeat(value, K, axis=0) for kind, value in game.prior.draw(view.key, 8).items()}
    images = drawn(game, view.variables, {**rows, "category": jnp.tile(jnp.eye(K), (8, 1))})
    return Figure("image_grid", {"images": images, "columns": K, "title": "one categorical code a column"})


def continuous_figure(game: Game, number: int, view: View, columns: int = 10) -> Figure:
    """One continuous code from -2 to 2, beyond the [-1, 1] it was trained on as in the paper; one category a row."""
    K = game.prior.parts["category"]
    rows = {kind: jnp.repeat(value[:1], K * columns, axis=0) for kind, value in game.prior.draw(view.key, 1).items()}
    swept = rows["continuous"].at[:, number].set(jnp.tile(jnp.linspace(-2, 2, columns), K))
    latents = {**rows, "category": jnp.repeat(jnp.eye(K), columns, axis=0), "continuous": swept}
    title = f"continuous code {number + 1} from -2 to 2, one categorical code a row"
    return Figure("image_grid", {"images": drawn(game, view.variables, latents), "columns": columns, "title": title})
