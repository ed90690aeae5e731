"""A set of characters as byte pairs, learnt from its training part: of={"name": "shakespeare"}, size=1024, length=64."""

from collections.abc import Mapping
from typing import Any

import numpy as np

import dlcv.data as sets
from dlcv.data.source import Data, Spec, Stream
from dlcv.data.token_streams import digest_of, kept, token_data, token_spec
from dlcv.errors import Misuse


def spec(*, of: Mapping[str, Any], size: int = 1024, length: int = 64) -> Spec:
    """Rows of `length` + 1 tokens; the length of the set itself does not count. Raises Misuse for a set that is none of characters."""
    if "vocabulary" not in sets.spec(of).info:
        raise Misuse(f"data set 'byte_pairs' takes sets of characters, such as prose, which {of['name']!r} is not")
    return token_spec(size, length)


def load(*, data_dir: str | None = None, of: Mapping[str, Any], size: int = 1024, length: int = 64) -> Data:
    """The same splits as of the characters; facts tell characters a token beside the tokens of each split."""
    chosen = spec(of=of, size=size, length=length)
    whole = sets.load(of, data_dir)
    texts = {
        split: _text(stream, whole.info["vocabulary"])
        for split, stream in {"train": whole.train, **whole.splits}.items()
    }
    tokeniser, _ = kept(of["name"], lambda: [texts["train"]], size, digest_of(whole.facts["corpus_sha256"]))
    tokens = {split: tokeniser.encode(text) for split, text in texts.items()}
    share = {split: len(text) / max(len(tokens[split]), 1) for split, text in texts.items()}
    facts = {"of": whole.facts, "characters_a_token": share}
    return token_data("byte_pairs", tokeniser, tokens, chosen, facts)


def _text(stream: Stream, vocabulary) -> str:
    return "".join(np.array(vocabulary)[stream.arrays["tokens"]])
