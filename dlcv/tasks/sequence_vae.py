"""Variational autoencoder of token sequences: cross-entropy over decoded tokens, the KL term annealed, words before hidden.

Source: Bowman, Vilnis, Vinyals, Dai, Jozefowicz and Bengio, "Generating Sentences from a Continuous Space", 2016.
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse
from dlcv.losses.classification import correct, cross_entropy
from dlcv.losses.variational import annealed, gaussian_kl, negative_elbo, reparameterised
from dlcv.models.net import Net
from dlcv.models.sequence_vae import SequenceDecoder, SequenceEncoder, sequence_size
from dlcv.ops.keys import named
from dlcv.tasks.latent import SUBTREES, between

ENDS = ("The value is a string, or None.\n", "Raises an error if it fails.\n\n")


@dataclass(frozen=True)
class SequenceVae:
    """Encoder and decoder over windows of T tokens; a window is read from its first token on, without a state before it."""

    encoder: Net
    decoder: Net
    codes: int
    vocabulary: tuple[str, ...]
    length: int  # T

    def posterior(self, params, tokens):
        """(mean, log variance) [B, Z] of q(z | tokens [B, T])."""
        return jnp.split(self.encoder(params["encoder"], {}, tokens)[0], 2, axis=-1)

    def nats(self, params, tokens, z, key=None, dropout: float = 0.0):
        """(-log p(token | z, those before) [B, T], whether the most likely token is right [B, T])."""
        previous = jnp.pad(tokens[:, :-1], ((0, 0), (1, 0)))
        hidden = jnp.zeros(tokens.shape, bool)
        if dropout:
            hidden = jax.random.bernoulli(named(key, "word_dropout"), dropout, tokens.shape)
        (logits, _), _ = self.decoder(params["decoder"], {}, z, previous, hidden.at[:, 0].set(True))
        return cross_entropy(logits, tokens), correct(logits, tokens)

    def terms(self, params, tokens, key, dropout: float = 0.0):
        """(nats [B, T] of one draw of the posterior, correct [B, T], KL [B])."""
        mean, log_variance = self.posterior(params, tokens)
        z = reparameterised(mean, log_variance, jax.random.normal(named(key, "posterior"), mean.shape))
        return *self.nats(params, tokens, z, key, dropout), gaussian_kl(mean, log_variance)

    def write(self, params, z, key, temperature: float):
        """Tokens [B, T] from codes, drawn from softmax(logits / temperature); 0 takes the most likely."""

        def draw(scores, key):
            chosen = jax.random.categorical(key, scores / temperature) if temperature else scores.argmax(-1)
            return chosen.astype(jnp.int32)

        def one(state, key):
            carry, token = state
            (logits, carry), _ = self.decoder(params["decoder"], {}, z, token[:, None], shown, carry)
            token = draw(logits[:, 0], key)
            return (carry, token), token

        shown = jnp.zeros((len(z), 1), bool)
        (logits, carry), _ = self.decoder(params["decoder"], {}, z, jnp.zeros(shown.shape, jnp.int32), ~shown)
        keys = jax.random.split(key, self.length)
        token = draw(logits[:, 0], keys[0])
        _, tokens = jax.lax.scan(one, (carry, token), keys[1:])
        return jnp.concatenate([token[None], tokens]).T

    def text(self, tokens) -> list[str]:
        return ["".join(self.vocabulary[token] for token in row) for row in np.asarray(tokens)]


def make(
    setup: Setup, size: str = "small", codes: int = 16, beta: float = 1.0, warmup: int = 0, word_dropout: float = 0.0
) -> Task:
    """One player, `model`: the negative evidence lower bound a character, the KL term annealed to its weight `beta` over `warmup` steps.

    A window is the T successors of a row of the stream. `word_dropout` hides that share of the tokens before from the decoder, in
    training only. Metrics: nats a character of the bound and of its reconstruction term, and the KL in nats a window.
    """
    vocabulary, length = tuple(setup.info["vocabulary"]), setup.batch_spec["tokens"].shape[1] - 1
    row, fields = sequence_size(size), dict(dtype=setup.dtype)
    model = SequenceVae(
        Net(SequenceEncoder(row, len(vocabulary), 2 * codes, **fields)),
        Net(SequenceDecoder(row, len(vocabulary), **fields)), codes, vocabulary, length,
    )  # fmt: skip

    def init(key, spec) -> Variables:
        tokens, hidden = jnp.zeros((1, 1), jnp.int32), jnp.zeros((1, 1), bool)
        shown = {"encoder": (model.encoder, tokens), "decoder": (model.decoder, jnp.zeros((1, codes)), tokens, hidden)}
        return Variables({name: net.init(named(key, name), *x, train=False)[0] for name, (net, *x) in shown.items()})

    def loss(params, stats, carry, batch, key, step):
        nats, _, kl = model.terms(params, batch["tokens"][:, 1:], key, word_dropout)
        rows = negative_elbo(-nats.sum(1), kl, annealed(beta, step, warmup)) / length
        return Loss(rows.mean(), len(rows)), Aux(metrics={"reconstruction": nats.mean(), "kl": kl.mean()})

    def predict(variables: Variables, batch, key):
        nats, right, kl = model.terms(variables.params, batch["tokens"][:, 1:], key)
        return {"nats": nats, "correct": right, "kl": jnp.broadcast_to(kl[:, None], nats.shape)}

    metrics = {
        "negative_elbo": Metric(lambda outputs, batch: outputs["nats"] + outputs["kl"] / length),
        "reconstruction": Metric(lambda outputs, batch: outputs["nats"]),
        "accuracy": Metric(lambda outputs, batch: outputs["correct"]),
        "kl": Metric(lambda outputs, batch: outputs["kl"]),
    }
    return Task(
        init, (Player("model", SUBTREES, loss, setup.optimizer("model")),), setup.batch_spec, predict, metrics,
        figures={"surprise": partial(surprise_figure, model)}, sample=partial(sample_text, model),
    )  # fmt: skip


def surprise_figure(model: SequenceVae, view: View, windows: int = 12) -> Figure:
    """Held-out windows end to end, each character shaded by the nats it cost beside its window's code; a bar parts windows."""
    split = next(iter(view.outputs))
    characters, nats = [], []
    for text, costs in zip(
        model.text(view.examples[split]["tokens"][:windows, 1:]), view.outputs[split]["nats"], strict=False
    ):
        characters += [*text, "|"]
        nats += [*costs, 0.0]
    return Figure("surprise", {"characters": characters, "nats": np.asarray(nats)})


def sample_text(
    model: SequenceVae, variables: Variables, key, count: int, *, temperature: float = 0.5, first: str = ENDS[0], last: str = ENDS[1],
    steps: int = 8,
) -> dict[str, str]:  # fmt: skip
    """`count` windows from codes of the prior, and the most likely windows along the straight walk between two sentences' codes.

    Raises Misuse for a character outside the vocabulary and for a negative temperature.
    """
    if strangers := sorted(set(first + last) - set(model.vocabulary)):
        raise Misuse(f"first and last have characters outside the vocabulary: {''.join(strangers)!r}")
    if temperature < 0 or steps < 2 or not first or not last:
        raise Misuse(
            f"temperature={temperature} must not be negative, steps={steps} at least 2, first and last not empty"
        )
    params = variables.params
    write = jax.jit(model.write, static_argnums=3)
    drawn = write(
        params, jax.random.normal(named(key, "prior"), (count, model.codes)), named(key, "write"), temperature
    )
    ends = [
        model.posterior(params, jnp.asarray([[model.vocabulary.index(c) for c in text]]))[0] for text in (first, last)
    ]
    walk = write(params, between(jnp.stack(ends), steps), key, 0.0)
    return {
        "text": "\n".join(map(repr, model.text(drawn))),
        "walk": "\n".join([f"from {first!r}", *map(repr, model.text(walk)), f"to   {last!r}"]),
    }
