"""SST-2, is a sentence of a film review negative or positive: 6,920 sentences train, 872 are `valid` (GLUE's dev), 1,821 `test`.

Files: stsa.binary.train, .dev and .test, plain or as .gz, in <data_dir>/sst2/.
Source: Socher et al., "Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank", 2013.
"""

from functools import partial

from dlcv.data.marked_rows import labelled_set
from dlcv.data.treebank import SENTIMENTS, sentences

spec, load = labelled_set("sst2", SENTIMENTS, partial(sentences, "binary"), corpus="reviews")
