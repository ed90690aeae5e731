"""BLEU of whole texts by sacrebleu."""

from collections.abc import Sequence

from dlcv.errors import Misuse


def bleu(found: Sequence[str], references: Sequence[str]) -> dict[str, float]:
    """{"bleu": cased, on detokenised text; "lower_tokenised": of lower-cased text split at spaces and punctuation}, 0 to 100.

    The second is for comparison with published figures alone, which depend on their tokeniser. Papineni, Roukos, Ward and Zhu, "BLEU",
    2002; Post, "A Call for Clarity in Reporting BLEU Scores", 2018. Raises Misuse where sacrebleu is not installed and for lists of
    unequal length.
    """
    try:
        import sacrebleu
    except ImportError as error:
        raise Misuse("BLEU needs sacrebleu: install the extra `language`") from error
    from dlcv.language.tokenisers import WORD

    if len(found) != len(references) or not found:
        raise Misuse(f"BLEU of {len(found)} texts against {len(references)} references: expected as many, and some")
    split = [[" ".join(WORD.findall(text.lower())) for text in texts] for texts in (found, references)]
    return {
        "bleu": sacrebleu.corpus_bleu(list(found), [list(references)]).score,
        "lower_tokenised": sacrebleu.corpus_bleu(split[0], [split[1]], tokenize="none", force=True).score,
    }
