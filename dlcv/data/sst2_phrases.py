"""GLUE's SST-2: 67,349 phrases of the training sentences of film reviews, negative or positive; the 872 sentences of dev are `valid`.

Files: phrase_alps_train.tsv.gz, phrase_alps_dev.tsv.gz and phrase_glue_dev.tsv.gz in <data_dir>/sst2/; the test labels are not public.
Source: Wang, Singh, Michael, Hill, Levy and Bowman, "GLUE: A Multi-Task Benchmark and Analysis Platform for Natural Language
Understanding", 2019; Socher et al., "Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank", 2013.
"""

from dlcv.data.marked_rows import labelled_set
from dlcv.data.treebank import SENTIMENTS, phrases

spec, load = labelled_set("sst2_phrases", SENTIMENTS, phrases, corpus="reviews")
