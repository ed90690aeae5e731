"""Helper of word vectors' sets: 13 of word pairs with judgements of similarity, and analogies in 14 sections.

Files: questions-words.txt and word-sim/EN-*.txt in <data_dir>/word_eval/.
Sources: analogies of Mikolov, Chen, Corrado and Dean, "Efficient Estimation of Word Representations in Vector Space", 2013; the sets as
gathered by Faruqui and Dyer, "Community Evaluation and Exchange of Word Vectors at wordvectors.org", 2014.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcv.data.files import File, Form, find

SHA256 = {
    "questions-words.txt": "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
    "word-sim/EN-MC-30.txt": "33ee05911496ff83d95cac351d0746c6f63b9181b605cb7d307f4daa8864511b",
    "word-sim/EN-MEN-TR-3k.txt": "888b13580faa362c7b11da0a670258cf1b1eb4bf0ecbcd418918729a3bd3f43a",
    "word-sim/EN-MTurk-287.txt": "a9ae3a9decb75a9700fe0cf18b048c1344774d9f40e0196baf8e34d4cd9d1ce5",
    "word-sim/EN-MTurk-771.txt": "04dc297c9e86b6fa7cf8ef0e4ba2e2c8d3399ec68d92fb7a53c0b4aae27198b5",
    "word-sim/EN-RG-65.txt": "c243f3a91c3f5d8cf67f21a67f6fb80bde8b6bb060851a6a48e6f2d68ec98c9f",
    "word-sim/EN-RW-STANFORD.txt": "5108d54dfc746f44f9c3d7e31d2857c37cf71430bc1594175a61a3b89bb0ae1f",
    "word-sim/EN-SIMLEX-999.txt": "405394ffb7d25f6d0e3c041f87c9f27d29dc6b047506769953e85c4523b11685",
    "word-sim/EN-SimVerb-3500.txt": "9d84274e7ad029fd3cf69dd0516e9ade624bbef9bd4e2050f6cc1fa01471e0f5",
    "word-sim/EN-VERB-143.txt": "7259e19961c81912aa4c72de0102e480b2ad2bb9f4ce97d036fbde8e1a403001",
    "word-sim/EN-WS-353-ALL.txt": "ce12919b240af45bdf46d243601eaca2b6212b159b5e7e9b435ee7ee40c5619c",
    "word-sim/EN-WS-353-REL.txt": "66a7c88100624d0a391605ff61ce84e11d11ee620d51ec0298da49592838f8fa",
    "word-sim/EN-WS-353-SIM.txt": "f1da938998863c94e53f72f984a5c6e215f0b46c323aae8f0f4930703a339107",
    "word-sim/EN-YP-130.txt": "7643fdbc6158c3424061e2cba450c71285767266ff9f3db947bfc1f1f5ce67ab",
}


def word_eval(data_dir: str | None) -> dict[str, Any]:
    """ "similarity" {set: ((word, word, judgement), ...)} and "analogies" {section: ((a, b, c, d), ...)}, lower-cased."""
    form = Form(tuple(File(name, sha256) for name, sha256 in SHA256.items()), _read)
    return find("word_eval", [form], data_dir).read()


def _read(paths: Mapping[str, Path]) -> dict[str, Any]:
    lines = {name: path.read_text(encoding="utf-8").lower().splitlines() for name, path in paths.items()}
    sections: dict[str, list] = {}
    for line in lines.pop("questions-words.txt"):
        if line.startswith(":"):
            sections[line[1:].strip()] = section = []
        else:
            section.append(tuple(line.split()))
    similarity = {
        name.removeprefix("word-sim/EN-").removesuffix(".txt"): tuple(
            (one, other, float(judgement)) for one, other, judgement in (line.split() for line in rows if line.strip())
        )
        for name, rows in lines.items()
    }
    return {"similarity": similarity, "analogies": {name: tuple(rows) for name, rows in sections.items()}}
