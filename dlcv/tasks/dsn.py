"""Domain separation networks: a code that the domains share and one private to each, which together draw the image.

Source: Bousmalis, Trigeorgis, Silberman, Krishnan and Erhan, "Domain Separation Networks", 2016.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Setup, Task, Variables, View
from dlcv.errors import Misuse, unknown
from dlcv.losses.divergence import DIVERGENCES
from dlcv.losses.orthogonality import difference
from dlcv.losses.reconstruction import RECONSTRUCTIONS
from dlcv.models.digits import Code, DigitDecoder, MapDecoder, Mlp
from dlcv.models.net import Net
from dlcv.ops.images import to_unit
from dlcv.ops.keys import named
from dlcv.tasks.dann import opposed
from dlcv.tasks.discrepancy import SCHEDULES
from dlcv.tasks.source_only import ENCODERS, Adaptation

DOMAINS = {"source": "encoder", "target": "encoder_target"}  # and the statistics that each is encoded with
ADVERSARIAL = "adversarial"  # the similarity that is no divergence: a domain head behind a gradient reversal


@dataclass(frozen=True)
class Separation:
    """What DSN adds to the shared parts: two private encoders of one form, a decoder, and where the shared code is read."""

    shared: Adaptation
    private: Net
    decoder: Net
    critic: Net | None  # of the adversarial similarity
    code: str  # the layer that is the shared code, as wide as a private one
    similarity: str

    def init(self, key, spec) -> Variables:
        """The shared subtrees, `private_source`, `private_target`, `decoder` and, for the adversarial similarity, `domain`."""
        variables = self.shared.init(key, spec)
        params, stats = dict(variables.params), dict(variables.stats)
        for domain in DOMAINS:
            name = f"private_{domain}"
            params[name], found = self.private.init(named(key, name), self.shared.blank(spec), train=False)
            stats |= {name: found} if found else {}
        for name, net in {"decoder": self.decoder, "domain": self.critic}.items():
            if net:
                params[name] = self.shared.init_head(net, name, key, variables, spec, self.code)
        return Variables(params, stats)

    def private_code(self, params, stats, images, domain: str, key=None):
        """(codes [B, D], statistics) of a domain's own encoder; a key makes it training."""
        name = f"private_{domain}"
        keys = dict(train=True, key=named(key, name)) if key is not None else {}
        return self.private(params[name], stats.get(name, {}), images, **keys)

    def decode(self, params, codes):
        return self.decoder(params["decoder"], {}, codes)[0]

    def likeness(self, params, source, target, strength, key):
        """(the similarity of shared codes as a loss, metrics): a divergence times strength, or a domain head's cross-entropy."""
        if self.critic is None:
            value = DIVERGENCES[self.similarity](source, target)
            return strength * value, {"similarity": value}
        domain, told = opposed(self.critic, params["domain"], source, target, strength, named(key, "domain"))
        return domain.mean(), {"similarity": domain.mean(), "domain_accuracy": told}

    def figure(self, view: View, columns: int = 12) -> Figure:
        """Test images of each domain over what the decoder draws from both codes, from the shared and from the private alone.

        The scale-invariant error leaves a picture's brightness free, so each drawing takes the mean of its original.
        """
        params, stats = view.variables.params, view.variables.stats
        rows, labels = [], []
        for domain, statistics in DOMAINS.items():
            images = self.shared.images({"image": jnp.asarray(view.examples[domain]["image"][:columns])})
            features, _ = self.shared.encode(params, stats, images, None, statistics, train=False)
            shared = self.shared.heads(params, features, None)[self.code]
            private, _ = self.private_code(params, stats, images, domain)
            rows.append(images)
            for codes in (shared + private, shared, private):
                drawn = self.decode(params, codes)
                rows.append(drawn + (images - drawn).mean((1, 2, 3), keepdims=True))
            labels += [f"{domain} images", "shared + private", "shared alone", "private alone"]
        sheet = np.asarray(to_unit(jnp.concatenate(rows)))
        title = "what the shared and the private code of an image draw"
        return Figure("image_grid", dict(images=sheet, columns=len(images), title=title, row_labels=labels))


def networks(shared: Adaptation, code: str, encoder: str, private_widths, decoder_width: int) -> tuple[Net, Net]:
    """(private encoder, decoder): convolutional where the code is the encoder's map, else with a dense layer each, as in the paper.

    Raises Misuse where private codes cannot be added to shared ones.
    """
    setup, width = shared.setup, shared.width(shared.setup.batch_spec, code)
    _, size, _, channels = setup.batch_spec["source"]["image"].shape
    private = ENCODERS[encoder](tuple(private_widths), setup.dtype)
    decoder = (size, channels, decoder_width, len(private_widths), setup.dtype)
    if code != "features":
        return Net(Code(private, width, setup.dtype)), Net(DigitDecoder(*decoder))
    image = shared.blank(setup.batch_spec)
    found = jax.eval_shape(lambda: private.init_with_output(jax.random.key(0), image, train=False)[0]).shape[1]
    if found != width:
        raise Misuse(
            f"task_kw.private_widths={tuple(private_widths)} gives codes of {found}, the shared ones have {width}: "
            "as many layers are needed, and the last as wide"
        )
    return Net(private), Net(MapDecoder(*decoder))


def make(
    setup: Setup, encoder: str = "strided", widths=(24, 48), hidden=(100,), augmentation: Sequence = (), code: str = "features",
    private_widths=(12, 48), decoder_width: int = 16, domain_hidden=(100,), similarity: str = ADVERSARIAL,
    reconstruction: str = "scale_invariant", weights=(0.01, 0.075, 0.25), schedule: str = "growing", similarity_from: int = 0,
) -> Task:  # fmt: skip
    """cross-entropy + alpha reconstruction + beta difference + gamma similarity, weights = (alpha, beta, gamma); one player.

    The shared code is the layer `code`; its similarity is "adversarial" or the name of a divergence. The schedule, 0 before step
    `similarity_from`, scales the divergence, or what the encoder feels of its adversary. Raises Misuse for unknown names.
    """
    for what, given, known in (
        ("similarity", similarity, (ADVERSARIAL, *DIVERGENCES)),
        ("reconstruction", reconstruction, RECONSTRUCTIONS),
        ("schedule", schedule, SCHEDULES),
    ):
        if given not in known:
            raise unknown(what, given, known)
    shared = Adaptation.make(setup, encoder, widths, hidden, augmentation)
    private, decoder = networks(shared, shared.layer(code), encoder, private_widths, decoder_width)
    critic = Net(Mlp(tuple(domain_hidden), 1, dtype=setup.dtype)) if similarity == ADVERSARIAL else None
    game = Separation(shared, private, decoder, critic, code, similarity)
    alpha, beta, gamma = weights

    def loss(params, stats, carry, batch, key, step):
        look = shared.look(params, stats, batch, key)
        codes = {domain: look.layers[domain][code] for domain in DOMAINS}
        redrawn, apart, changed = 0.0, 0.0, dict(look.stats)
        for domain in DOMAINS:
            private, changed[f"private_{domain}"] = game.private_code(params, stats, look.images[domain], domain, key)
            drawn = game.decode(params, codes[domain] + private)
            redrawn += RECONSTRUCTIONS[reconstruction](drawn, look.images[domain]).mean()
            apart += difference(codes[domain], private)
        strength = jnp.where(step >= similarity_from, SCHEDULES[schedule](step / setup.steps), 0.0)
        likeness, metrics = game.likeness(params, codes["source"], codes["target"], strength, key)
        value = look.loss + alpha * redrawn + beta * apart + gamma * likeness
        metrics = {**look.metrics, "label_loss": look.loss, "reconstruction": redrawn, "difference": apart, **metrics}
        return Loss(value, len(look.images["source"])), Aux(changed, metrics=metrics)

    heads = ("private_source", "private_target", "decoder", *(("domain",) if game.critic else ()))
    return shared.task(game.init, (shared.player(loss, *heads),), {"separation": game.figure})
