"""What the README shows of each experiment's results; `readme.py` writes it."""

# experiment -> what its rows show: (regex over the metrics, what it is called, unit factor, unit), or a list of such; `who` is told before
ACCURACY = ("((?P<who>.+)/)?target/accuracy", "target accuracy", 100, "%")
FRECHET = ("((?P<who>[^/]+)/)?lenet/frechet", "LeNet-FID, last", 1, "")
IN_COLOUR = ("((?P<who>[^/]+)/)?cifar/frechet", "CIFAR-FID, last", 1, "")
BERNOULLI = "negative ELBO, nats an image (Bernoulli, pixels binarised anew at every look)"
SHOWN = {
    "vision/cnn": ("valid/accuracy", "accuracy", 100, "%"),
    "vision/cnn_in_colour": ("valid/accuracy", "accuracy", 100, "%"),
    "vision/cnn_on_mnist": ("valid/accuracy", "accuracy", 100, "%"),
    "vision/cnn_on_cifar10": ("valid/accuracy", "accuracy", 100, "%"),
    "vision/cnn_on_scenes": ("valid/accuracy", "accuracy", 100, "%"),
    "vision/vit": ("valid/accuracy", "accuracy", 100, "%"),
    "generative/autoencoder": [
        ("code/probe_accuracy", "linear probe on the code", 100, "%"),
        ("lenet/frechet", "LeNet-FID of codes drawn from N(0, I)", 1, ""),
        ("lenet_fitted/frechet", "LeNet-FID of codes drawn from the Gaussian that fits real ones", 1, ""),
    ],
    "generative/denoising": ("code/probe_accuracy", "linear probe on the code", 100, "%"),
    "generative/colourisation": ("valid/colourfulness", "colourfulness", 1, ""),
    "generative/adversarial_colourisation": ("valid/colourfulness", "colourfulness", 1, ""),
    "generative/vae": [("valid/negative_elbo", BERNOULLI, 1, ""), FRECHET],
    "generative/vae_manifold": ("valid/negative_elbo", BERNOULLI, 1, ""),
    "generative/conditional_vae": ("valid/accuracy", "accuracy by Bayes' rule", 100, "%"),
    "generative/sequence_vae": ("valid/negative_elbo", "negative ELBO, nats a character", 1, ""),
    "generative/dcgan": FRECHET,
    "generative/colour_dcgan": IN_COLOUR,
    "generative/colour_acgan": [("valid/as_asked", "samples of the class asked for", 100, "%"), IN_COLOUR],
    "generative/gan_losses": FRECHET,
    "generative/ebgan": FRECHET,
    "generative/sagan": FRECHET,
    "generative/acgan": [("valid/as_asked", "samples of the class asked for", 100, "%"), FRECHET],
    "generative/infogan": [("codes/error", "error of the categorical code", 100, "%"), FRECHET],
    "generative/conditional_gan": [("valid/as_asked", "samples of the class asked for", 100, "%"), FRECHET],
    "generative/msgan": [("(?P<who>[^/]+)/within/diversity", "diversity within classes", 1, ""), FRECHET],
    "generative/unconditional_msgan": [("(?P<who>[^/]+)/lenet/diversity", "diversity", 1, ""), FRECHET],
    "generative/paired_msgan": [
        ("(?P<who>[^/]+)/valid/perceptual", "distance of two answers to one source, in features", 1, ""),
        FRECHET,
        IN_COLOUR,
    ],
    "generative/text_msgan": [
        ("(?P<who>[^/]+)/valid/perceptual", "distance of two pictures of one sentence, in features", 1, ""),
        FRECHET,
    ],
    "generative/text_to_image": ("valid/as_asked", "the digit asked for", 100, "%"),
    "generative/pix2pix_colourisation": [
        ("valid/(?P<who>(true_)?colourfulness)", "in pixels of [0, 1]", 1, ""),
        IN_COLOUR,
    ],
    "generative/pix2pix": [
        ("valid/as_asked", "digit told from the answer", 100, "%"),
        ("valid/l1", "absolute error, of a range of 2", 1, ""),
    ],
    "generative/vanishing_gradients": (
        "(?P<who>[^/]+)/gradient_left",
        "generator's gradient left, over the first",
        1,
        "",
    ),
    "generative/ebgan_convergence": FRECHET,
    "generative/kl_weight": ("(?P<who>[^/]+)/valid/kl", "KL by its weight, nats an image", 1, ""),
    "generative/ring": ("(?P<who>[^/]+)/modes/covered", "modes covered, of 8", 1, ""),
    "generative/grid": ("(?P<who>[^/]+)/modes/covered", "modes covered, of 25", 1, ""),
    "generative/stacked_digits": ("(?P<who>[^/]+)/stacked/modes", "modes met, of 1,000", 1, ""),
    "generative/discriminative_generative": ("(?P<who>[^/]+)/20/error", "test error, 20 labels a class", 100, "%"),
    **{
        f"adaptation/{name}": ACCURACY
        for name in ("source_only", "ddc", "deep_adaptation", "deep_coral", "dann", "dsn", "adda")
    },
    "adaptation/dann_gain": ("gain", "gain on the target", 100, "points"),
    "adaptation/digits": ACCURACY,
    **{f"adaptation/{name}": ACCURACY for name in ("semi_supervised", "supervised", "partial", "imbalanced")},
    "adaptation/transfer": ("(?P<who>.+)/5/gain", "gain over from scratch, 5 labels a class", 100, "points"),
    "adaptation/heterogeneous": ("gain/(?P<who>CDLS|CDSPP)", "gain over the target alone", 1, "points"),
    "adaptation/own_features": (
        "(?P<who>pixels|raw|JGSA)/mean",
        "mean accuracy of 1-NN over pairs of domains",
        1,
        "%",
    ),
    "recurrence/char_lm": ("valid/nats", "nats a character", 1, ""),
    "recurrence/interpretable_cells": (
        "(?P<who>prose|string|brackets|margin|position|indentation)/score",
        "best cell on held-out text, F1 or absolute correlation",
        1,
        "",
    ),
    "recurrence/char_lm_cells": ("text/(?P<who>.+)/valid/nats", "nats a character", 1, ""),
    "recurrence/gradients": [
        (
            "(?P<who>tanh, 1|tanh, 2|linear, 1.1|LSTM|LSTM kept open|GRU|GRU kept open|attention)/decades",
            "decades gained by d state_T / d state_t over 60 steps",
            1,
            "",
        ),
        ("(?P<who>.+)/longest_step", "longest step of descent on the cliff (nothing is drawn)", 1, ""),
    ],
    "recurrence/long_memory": [
        ("(?P<who>(copying|digits by .+)/.+)/valid/accuracy", "accuracy", 100, "%"),
        ("(?P<who>adding/.+)/valid/squared_error", "squared error, thousandths (166.7 for the mean)", 1000, ""),
    ],
    "recurrence/three_ways": ("(?P<who>[^/]+)/valid/accuracy", "accuracy", 100, "%"),
    "recurrence/many_to_many": ("(?P<who>.+depends on the past)/accuracy", "bits right", 100, "%"),
    **{
        f"recurrence/{name}": (f"valid/{metric}", what, factor, unit)
        for name, metric, what, factor, unit in (
            ("adding", "squared_error", "squared error, thousandths (166.7 for the mean)", 1000, ""),
            ("copying", "accuracy", "symbols recalled", 100, "%"),
            ("sequential_digits", "accuracy", "accuracy", 100, "%"),
        )
    },
    "recurrence/sketch_rnn": ("valid/reconstruction", "reconstruction, nats a point", 1, ""),
    "recurrence/sketch_rnn_sheep": ("valid/reconstruction", "reconstruction, nats a point", 1, ""),
    "recurrence/stroke_classifier": ("valid/accuracy", "accuracy", 100, "%"),
    "recurrence/digit_strips": [
        ("valid/sequence_error", "strips read wrongly, by the best path", 100, "%"),
        ("beam/sequence_error", "strips read wrongly, by prefix beam search", 100, "%"),
    ],
    "language/word_lm": ("test/perplexity", "test perplexity", 1, ""),
    "language/ngrams": ("(?P<who>.*order [135]|bag of words|LSTM)/test", "test perplexity", 1, ""),
    "language/word2vec": [
        ("similarity/mean", "rank correlation with judged similarity, mean of its sets", 1, ""),
        ("analogies/solved", "analogies solved", 100, "%"),
    ],
    "language/dates": ("valid/exact_match", "exact match", 100, "%"),
    "language/long_inputs": ("(?P<who>[^/]+)/valid/exact_match_long", "exact match, more than 60 characters", 100, "%"),
    "language/attention_scores": ("(?P<who>[^/]+)/valid/exact_match", "exact match", 100, "%"),
    "language/number_words": ("valid/exact_match", "exact match", 100, "%"),
    "language/translation": ("bleu/(?P<who>valid|test|test_lower_tokenised)", "BLEU", 1, ""),
    "attention/demonstrations": ("(?P<who>.+)/entropy", "entropy of the weights over 400 keys, D = 1,024, nats", 1, ""),
    "attention/toy_sets": ("valid/exact_match", "exact match", 100, "%"),
    "attention/toy_sequences": ("valid/exact_match", "exact match", 100, "%"),
    "attention/toy_positions": ("(?P<who>[^/]+)/valid/accuracy", "accuracy by kind of position", 100, "%"),
    "attention/gpt": ("valid/nats", "nats a character", 1, ""),
    "attention/gpt_in_three_minutes": ("valid/nats", "nats a character", 1, ""),
    "attention/gpt_byte_pair": ("valid/perplexity", "perplexity a byte pair", 1, ""),
    "attention/prefix_lm": ("valid/nats", "nats a character behind the prefix", 1, ""),
    "attention/bert_against_lstm": [
        ("(?P<who>[^/]+)/valid/nats", "nats a hidden token", 1, ""),
        ("BERT/unigram/valid_nats", "nats a hidden token by how often each occurs", 1, ""),
    ],
    "attention/contextual_embeddings": (
        "mean/(?P<who>lexical|layer 2)",
        "nearest occurrence has their sense",
        100,
        "%",
    ),
    "attention/cola": ("matthews/(?P<who>valid|out_of_domain)", "Matthews correlation", 1, ""),
    "attention/fine_tuning": [
        (
            f"(?P<who>(?!from scratch).*)/gain/{split}/accuracy",
            f"gain over from scratch, accuracy on {split}",
            100,
            "points",
        )
        for split in ("valid", "test")
    ],
    "attention/transformer_dates": ("valid/exact_match", "exact match", 100, "%"),
    "attention/transformer_translation": ("bleu/(?P<who>valid|test|test_lower_tokenised)", "BLEU", 1, ""),
}
