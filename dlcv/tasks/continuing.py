"""What language models share: metrics of the next token, texts written on from a prompt, the figure of surprise."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure, Metric, Variables, View
from dlcv.errors import Misuse
from dlcv.language.alphabet import Alphabet
from dlcv.losses.classification import correct, cross_entropy
from dlcv.ops.keys import named
from dlcv.ops.sampling import draw

PASSAGES, CHARACTERS = 8, 512  # in the figure, at most


class Writer(NamedTuple):
    """A language model as two pure functions, and how many tokens it has places for (None: any number).

    `begin(params, tokens [B, L], room)` reads a prompt of a text of `room` tokens in all, `step(params, state, tokens [B])` a token more;
    both give (state, scores [B, V] of what follows).
    """

    begin: Callable[..., tuple[Any, jax.Array]]
    step: Callable[..., tuple[Any, jax.Array]]
    places: int | None = None


def measured(logits_BTV: jax.Array, tokens_BT: jax.Array) -> dict[str, jax.Array]:
    """What `METRICS` read: nats of each token, and 1 where it was the most likely."""
    return {"nats": cross_entropy(logits_BTV, tokens_BT), "correct": correct(logits_BTV, tokens_BT)}


def _weighed(outputs, name: str):
    """(values, their weights) where the outputs have weights, else values."""
    return (outputs[name], outputs["weight"]) if "weight" in outputs else outputs[name]


METRICS = {
    "nats": Metric(lambda outputs, batch: _weighed(outputs, "nats")),
    "bits": Metric(lambda outputs, batch: _weighed(outputs, "nats"), lambda nats: nats / np.log(2)),
    "perplexity": Metric(lambda outputs, batch: _weighed(outputs, "nats"), np.exp),
    "accuracy": Metric(lambda outputs, batch: _weighed(outputs, "correct")),
}


def tokeniser_of(info: Mapping[str, Any]) -> Any:
    """The data's own tokeniser, or its vocabulary as one."""
    return info["tokeniser"] if "tokeniser" in info else Alphabet(tuple(info["vocabulary"]), info.get("separator", ""))


def surprise_figure(view: View) -> Figure:
    """Held-out text shaded by the nats of each token: passages of characters end to end, or of words or pieces a line each."""
    split, tokeniser = next(iter(view.outputs)), tokeniser_of(view.info)
    rows, nats = view.examples[split]["tokens"][:PASSAGES, 1:], view.outputs[split]["nats"]
    passages = [([tokeniser.written(token) for token in row], costs) for row, costs in zip(rows, nats, strict=False)]
    if isinstance(tokeniser, Alphabet) and not tokeniser.separator:
        characters = [character for row, _ in passages for character in row][:CHARACTERS]
        return Figure(
            "surprise",
            {"characters": characters, "nats": np.concatenate([costs for _, costs in passages])[:CHARACTERS]},
        )
    return Figure("surprising_words", {"passages": passages})


def continued(
    writer: Writer, params: Any, prompts_BL: np.ndarray, key: jax.Array, length: int, **filters: Any
) -> np.ndarray:
    """`length` tokens [B, length] behind prompts of one length, drawn as `dlcv.ops.sampling.draw` does under these filters.

    A text that has outgrown the places is read again from the last half of them, and goes on from there.
    """
    text, wanted, places = np.asarray(prompts_BL), prompts_BL.shape[1] + length, writer.places
    while text.shape[1] < wanted:
        count, given = wanted - text.shape[1], text
        if places is not None:
            given = text if text.shape[1] <= places else text[:, -max(places // 2, 1) :]
            count = min(count, places - given.shape[1] + 1)
        made = _written(params, given, key, writer=writer, count=count, **filters)
        text, key = np.concatenate([text, np.asarray(made)], 1), named(key, "on")
    return text[:, prompts_BL.shape[1] :]


@partial(jax.jit, static_argnames=("writer", "count", "temperature", "k", "p"))
def _written(params, given_BL, key, *, writer: Writer, count: int, **filters: Any) -> jax.Array:
    """`count` tokens [B, count] behind prompts, the last of which is not read any more."""
    keys = jax.random.split(key, count)
    state, logits = writer.begin(params, given_BL, given_BL.shape[1] + count - 1)
    first = draw(keys[0], logits, **filters)

    def one(before, key):
        state, logits = writer.step(params, *before)
        token = draw(key, logits, **filters)
        return (state, token), token

    _, rest = jax.lax.scan(one, (state, first), keys[1:])
    return jnp.concatenate([first[:, None], rest.T], 1)


def sample_text(
    writer: Writer, tokeniser: Any, variables: Variables, key, count: int, *, length: int = 400, temperature: float = 0.8, k: int = 0,
    p: float = 1.0, prefix: str | Sequence[str] = "\n",
) -> dict[str, str]:  # fmt: skip
    """`count` continuations of `prefix` by `length` tokens each, or one of each of several prefixes, of any lengths.

    Drawn from softmax(logits / temperature), of the `k` most likely only (0: all), and of these only of the most likely that reach
    probability `p`; temperature 0 takes the most likely. Raises Misuse for tokens outside the vocabulary and for what is no
    temperature, number of tokens or probability.
    """
    prefixes = [prefix] * count if isinstance(prefix, str) else list(prefix)
    if temperature < 0 or length < 1 or not prefixes or not all(prefixes):
        raise Misuse(
            f"temperature={temperature} must not be negative, length={length} must be at least 1, prefix not empty"
        )
    if not (isinstance(k, int) and k >= 0 and 0 < p <= 1):
        raise Misuse(
            f"k={k}, p={p}: expected a number of tokens (0 for all) and a probability above 0, such as k=5, p=0.9"
        )
    prompts, texts = [tokeniser.encode(text) for text in prefixes], {}
    for size in sorted({len(prompt) for prompt in prompts}):  # prompts of one length are written together
        places = [place for place, prompt in enumerate(prompts) if len(prompt) == size]
        given = np.stack([prompts[place] for place in places])
        filters = dict(temperature=temperature, k=k, p=p)
        made = continued(writer, variables.params["model"], given, key, length, **filters)
        texts |= {place: tokeniser.decode([*prompts[place], *row]) for place, row in zip(places, made, strict=True)}
    return {"text": f"\n{'-' * 40}\n".join(texts[place] for place in sorted(texts))}


def write_text(
    writer: Writer, view: View, *, count: int = 4, length: int = 60, temperature: float = 0.8, k: int = 0, p: float = 1.0,
    prefix: str | Sequence[str] = "the",
) -> Mapping[str, str]:  # fmt: skip
    """`dlcv.sample --what=text`: continuations of `prefix` as `sample_text` writes them, in the words or pieces of the data."""
    options = dict(length=length, temperature=temperature, k=k, p=p, prefix=prefix)
    return sample_text(writer, tokeniser_of(view.info), view.variables, view.key, count, **options)
