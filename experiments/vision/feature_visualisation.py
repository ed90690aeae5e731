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
    pictures = (
        ("filters", {}), ("deconvolution", dict(layer="stage_0")), ("deconvolution", dict(layer="stage_1")), ("saliency", {}),
        ("gradcam", {}), ("occlusion", {}), ("activation_maximisation", {}),
    )  # fmt: skip
    changes, seeds, count = {}, 3, 200
    if rung == "smoke":
        pictures, seeds, count = (("filters", {}), ("gradcam", {})), 1, 10
    if rung == "default":  # in colour; the decay fades what the images never excite in a filter
        rules = (("(bias|scale)$", "weight_decay", 0.0), ("head", "weight_decay", 0.0))
        changes = dict(
            data=dict(name="digits_on_photographs"), task_kw=dict(size="digits-pooled"), steps=800,
            optimizer=dict(weight_decay=4.0, rules=rules),
        )  # fmt: skip
    if rung == "small":
        changes = dict(steps=1500, eval_every=1500, checkpoint_every=500)
    return base.study(
        "feature_visualisation", seeds=seeds,
        study_kw=dict(source=f"experiments/vision/cnn.py:{rung}", changes=changes, pictures=pictures, count=count, share=0.1),
    )  # fmt: skip
