"""What a CNN looks at: filters, deconvolution, saliency, Grad-CAM, occlusion, activation maximisation.

Papers: Simonyan, Vedaldi, Zisserman, "Deep Inside Convolutional Networks", 2014; Zeiler, Fergus, "Visualizing and Understanding
Convolutional Networks", 2014; Selvaraju et al., "Grad-CAM", 2017. Reproduced: their pictures for the CNN of vision/cnn.py; and,
after Samek et al., "Evaluating the Visualization of What a Deep Neural Network Has Learned", 2017, how much of the predicted
class's logit is lost when the tenth of pixels that each map ranks highest is hidden (none of these papers states a number for
these networks).
Command: python -m dlcv.run --config=experiments/vision/feature_visualisation.py[:small --data_dir=DATA]
"""

from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    quick = rung == "smoke"
    pictures = (
        ("filters", {}), ("deconvolution", dict(layer="stage_0")), ("deconvolution", dict(layer="stage_1")), ("saliency", {}),
        ("gradcam", {}), ("occlusion", dict(stride=7 if quick else 1)),
        ("activation_maximisation", dict(steps=3 if quick else 200)),
    )  # fmt: skip
    changes = {}
    if rung in ("smoke", "default"):  # colour, and a decay that fades what the images never excite in a filter
        rules = (("(bias|scale)$", "weight_decay", 0.0), ("head", "weight_decay", 0.0))
        changes = dict(
            data=dict(name="digits_on_photographs"), task_kw=dict(size="digits-pooled"), optimizer=dict(weight_decay=4.0, rules=rules),
        )  # fmt: skip
    if rung == "default":
        changes |= dict(steps=800)
    if rung == "small":
        changes = dict(steps=1500, eval_every=1500, checkpoint_every=500)
    return base.study(
        "feature_visualisation", seeds=1 if quick else 3,
        study_kw=dict(
            source=f"experiments/vision/cnn.py:{rung}", changes=changes, pictures=pictures, count=20 if quick else 200,
            share=0.1,
        ),
    )  # fmt: skip
