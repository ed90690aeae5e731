"""Variational autoencoder: a Gaussian posterior over codes, the evidence lower bound in nats, plain or conditioned on the label.

Sources: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014; Kingma, Rezende, Mohamed and Welling, "Semi-supervised Learning with
Deep Generative Models", 2014, for the model given the label; Burda, Grosse and Salakhutdinov, "Importance Weighted Autoencoders", 2016,
for the bound that classifies by Bayes' rule.
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse, unknown
from dlcv.losses import variational
from dlcv.losses.classification import correct
from dlcv.ops.images import from_bytes, to_unit
from dlcv.ops.keys import named
from dlcv.tasks.judging import make_judge
from dlcv.tasks.latent import (
    SUBTREES,
    Pair,
    between,
    blank,
    class_names,
    first_of_each,
    grid,
    quantile_grid,
    rows_figure,
)

LIKELIHOODS = ("bernoulli", "gaussian")


@dataclass(frozen=True)
class Vae:
    """Encoder, decoder and likelihood, with the bounds made of them.

    Under "bernoulli" each pixel is 1 with its grey value's probability, drawn anew at every look, in training and in evaluation
    (dynamic binarisation); under "gaussian" pixels in [-1, 1] have the standard deviation `sigma`.
    """

    pair: Pair
    likelihood: str
    sigma: float

    def observed(self, image, key):
        """What the likelihood is of: binary pixels [B, Y, X, C], or pixels in [-1, 1]."""
        if self.likelihood == "gaussian":
            return from_bytes(image)
        return jax.random.bernoulli(named(key, "binarise"), image.astype(jnp.float32) / 255).astype(jnp.float32)

    def posterior(self, params, x, labels=None):
        """(mean, log variance) [B, Z] of q(z | x) or q(z | x, y)."""
        images = x if self.likelihood == "gaussian" else 2 * x - 1
        return jnp.split(self.pair.encode(params, images, labels), 2, axis=-1)

    def log_likelihood(self, params, x, z, labels=None):
        """log p(x | z) or log p(x | z, y), nats [B]."""
        drawn = self.pair.decode(params, z, labels)
        if self.likelihood == "gaussian":
            return variational.gaussian_log_likelihood(drawn, x, self.sigma)
        return variational.bernoulli_log_likelihood(drawn, x)

    def images(self, params, z, labels=None):
        """The mean of p(x | z) as images in [-1, 1]."""
        drawn = self.pair.decode(params, z, labels)
        return jnp.clip(drawn, -1, 1) if self.likelihood == "gaussian" else 2 * jax.nn.sigmoid(drawn) - 1

    def terms(self, params, image, labels, key):
        """(E_q log p(x | z) of one draw, KL(q || p)), nats [B] each."""
        x = self.observed(image, key)
        mean, log_variance = self.posterior(params, x, labels)
        noise = jax.random.normal(named(key, "posterior"), mean.shape)
        z = variational.reparameterised(mean, log_variance, noise)
        return self.log_likelihood(params, x, z, labels), variational.gaussian_kl(mean, log_variance)

    def log_evidence(self, params, x, labels, key, samples: int):
        """The importance-weighted bound of log p(x) or log p(x | y) by so many draws of the posterior, nats [B]."""
        mean, log_variance = self.posterior(params, x, labels)

        def log_weight(key):
            z = variational.reparameterised(mean, log_variance, jax.random.normal(key, mean.shape))
            prior = variational.gaussian_log_density(z, 0.0, 0.0)
            proposal = variational.gaussian_log_density(z, mean, log_variance)
            return self.log_likelihood(params, x, z, labels) + prior - proposal

        return variational.importance_weighted_bound(jax.lax.map(log_weight, jax.random.split(key, samples)))

    def class_log_evidence(self, params, image, key, samples: int):
        """log p(x | y) of each class [B, classes] by `log_evidence`: with log p(y) added, its softmax is p(y | x) by Bayes' rule.

        All classes are given the same binary pixels.
        """
        x = self.observed(image, key)

        def of_class(label):
            labels = jnp.full(len(x), label)
            return self.log_evidence(params, x, labels, named(key, "weights", label), samples)

        return jnp.stack([of_class(label) for label in range(self.pair.classes)], -1)


def make(
    setup: Setup, size: str = "dense-500", codes: int = 20, likelihood: str = "bernoulli", sigma: float = 0.3, beta: float = 1.0,
    warmup: int = 0, conditional: bool = False, importance_samples: int = 0, judge: str = "",
) -> Task:  # fmt: skip
    """One player, `autoencoder`: the negative evidence lower bound, its KL term times `beta`, growing over `warmup` steps.

    Metrics in nats an image, by one draw of the posterior, at beta = 1. `conditional` shows encoder and decoder the label; with
    `importance_samples` > 0, it classifies too, by Bayes' rule under equal priors. `judge` as of the task gan. Raises Misuse for
    an unknown likelihood and for labels that are needed but not there.
    """
    if likelihood not in LIKELIHOODS:
        raise unknown("likelihood", likelihood, LIKELIHOODS)
    classes = len(setup.info.get("classes", ())) if conditional else 0
    if conditional and not classes:
        raise Misuse("task_kw.conditional=True needs labels: the data set has no classes")
    if importance_samples and not conditional:
        raise Misuse("task_kw.importance_samples classifies by p(x | y): it needs task_kw.conditional=True")
    model = Vae(Pair.make(setup, size, codes, 2 * codes, classes), likelihood, sigma)
    critic = make_judge(judge, setup)

    def init(key, spec) -> Variables:
        return Variables(model.pair.init(key, blank(spec)))

    def loss(params, stats, carry, batch, key, step):
        log_likelihood, kl = model.terms(params, batch["image"], batch.get("label"), key)
        weight = variational.warmed_up(beta, step, warmup)
        value = variational.negative_elbo(log_likelihood, kl, weight)
        return Loss(value.mean(), len(kl)), Aux(metrics={"reconstruction": -log_likelihood.mean(), "kl": kl.mean()})

    def predict(variables: Variables, batch, key):
        params, labels = variables.params, batch.get("label")
        log_likelihood, kl = model.terms(params, batch["image"], labels, key)
        mean, _ = model.posterior(params, model.observed(batch["image"], key), labels)
        fakes = model.images(params, jax.random.normal(named(key, "prior"), mean.shape), labels)
        outputs = {"reconstruction": -log_likelihood, "kl": kl, "codes": mean, "samples": to_unit(fakes)}
        if importance_samples:
            outputs["evidence"] = model.class_log_evidence(params, batch["image"], key, importance_samples)
        return outputs | (critic.outputs(variables, real=from_bytes(batch["image"]), fake=fakes) if critic else {})

    metrics = {
        "negative_elbo": Metric(lambda outputs, batch: outputs["reconstruction"] + outputs["kl"]),
        "reconstruction": Metric(lambda outputs, batch: outputs["reconstruction"]),
        "kl": Metric(lambda outputs, batch: outputs["kl"]),
    }
    if importance_samples:
        metrics["accuracy"] = Metric(lambda outputs, batch: correct(outputs["evidence"], batch["label"]))
    if conditional and critic:
        metrics |= {f"samples_{name}": metric for name, metric in critic.metrics.items()}
    figures = {
        "reconstructions": reconstructions_figure,
        "samples": samples_figure,
        "interpolation": interpolation_figure,
    }
    if codes == 2 and not conditional:
        figures["manifold"] = manifold_figure
    task = Task(
        init, (Player("autoencoder", SUBTREES, loss, setup.optimizer("autoencoder")),), setup.batch_spec, predict, metrics,
        scores=critic.scores if critic else {},
        figures={name: partial(draw, model) for name, draw in figures.items()} | (dict(critic.figures) if critic else {}),
        over_time=("samples",), sample=partial(draw_samples, model),
    )  # fmt: skip
    return critic.join(task) if critic else task


def _looked_at(model: Vae, view: View, split: str, rows):
    """(what the model observes of some examples, the mean of its posterior there, their labels)."""
    examples = view.examples[split]
    labels = jnp.asarray(examples["label"][rows]) if model.pair.classes else None
    x = model.observed(jnp.asarray(examples["image"][rows]), view.key)
    return x, model.posterior(view.variables.params, x, labels)[0], labels


def reconstructions_figure(model: Vae, view: View) -> Figure:
    """One example of each class, what the encoder was shown of it, and the decoder's mean at the posterior's."""
    split = next(iter(view.examples))
    rows = first_of_each(view, split)
    x, mean, labels = _looked_at(model, view, split, rows)
    shown = {"image": view.examples[split]["image"][rows] / 255}
    shown |= {"binarised": x} if model.likelihood == "bernoulli" else {}
    drawn = to_unit(model.images(view.variables.params, mean, labels))
    return rows_figure(
        "held-out images and their reconstructions", class_names(view, split, rows), **shown, reconstruction=drawn
    )


def samples_figure(model: Vae, view: View) -> Figure:
    """The same 64 codes of the prior at every evaluation; under a condition, the same eight codes for each class."""
    made = draw_samples(model, view.variables, named(view.key, "codes"), 64)
    return made["samples"]


def interpolation_figure(model: Vae, view: View, walks: int = 8, steps: int = 10) -> Figure:
    """Straight walks between the codes of two held-out images; under a condition the first one's label stays."""
    split = next(iter(view.examples))
    examples = view.examples[split]["image"]
    rows = np.random.default_rng(0).permutation(len(examples))[: 2 * walks]
    walks = len(rows) // 2
    _, mean, labels = _looked_at(model, view, split, rows[: 2 * walks])
    codes = between(mean.reshape(2, walks, -1), steps)
    kept = labels if labels is None else jnp.repeat(labels[:walks], steps)
    drawn = to_unit(model.images(view.variables.params, codes, kept)).reshape(walks, steps, *examples.shape[1:])
    first, last = (examples[part][:, None] / 255 for part in (rows[:walks], rows[walks : 2 * walks]))
    sheet = np.concatenate([first, np.asarray(drawn), last], 1).reshape(-1, *examples.shape[1:])
    return grid(sheet, steps + 2, "from the left image's code to the right image's, the images themselves at the ends")


def manifold_figure(model: Vae, view: View, side: int = 20) -> Figure:
    """The plane of codes at equal steps of the prior's probability."""
    drawn = to_unit(model.images(view.variables.params, quantile_grid(side)))
    return grid(drawn, side, "the decoder over the plane of codes, equal steps of the prior's probability")


def draw_samples(model: Vae, variables: Variables, key, count: int, *, columns: int = 8) -> dict[str, Figure]:
    """A grid of decoder means at codes of the prior; under a condition a row a class, a column a code."""
    classes = model.pair.classes
    if classes:
        codes = jax.random.normal(key, (columns, model.pair.codes))
        z, labels = jnp.tile(codes, (classes, 1)), jnp.repeat(jnp.arange(classes), columns)
        title = "a class a row, a code of the prior a column"
    else:
        z, labels = jax.random.normal(key, (count, model.pair.codes)), None
        title = "decoder means at codes of the prior"
    return {"samples": grid(to_unit(model.images(variables.params, z, labels)), columns, title)}
