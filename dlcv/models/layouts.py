"""How the blocks of a Transformer lie on a mesh.

Shoeybi et al., "Megatron-LM: Training Multi-Billion Parameter Language Models Using Model Parallelism", 2019 (tensor); Rajbhandari et al.,
"ZeRO: Memory Optimizations Toward Training Trillion Parameter Models", 2020 (fully sharded).
"""

# Rules (regex over parameter paths, mesh axes by dimension) for the models' own lists; scanned blocks lead with a dimension of their number.
BLOCKS = {
    "fsdp": (
        (r"blocks/.*attention/out/kernel$", (None, None, None, "data")),
        (r"attention/out/kernel$", (None, None, "data")),
        (r"blocks/.*(attention/\w+|mlp/\w+)/kernel$", (None, "data")),
        (r"(attention/\w+|mlp/\w+)/kernel$", ("data",)),
    ),
    "tensor": tuple(
        (rf"{path}$", (*lead, *axes))
        for prefix, lead in ((r"blocks/.*", (None,)), ("", ()))
        for path, axes in (
            (rf"{prefix}attention/(query|key|value)/kernel", (None, "model", None)),
            (rf"{prefix}attention/(query|key|value)/bias", ("model", None)),
            (rf"{prefix}attention/out/kernel", ("model", None, None)),
            (rf"{prefix}mlp/(up|gate)/kernel", (None, "model")),
            (rf"{prefix}mlp/(up|gate)/bias", ("model",)),
            (rf"{prefix}mlp/down/kernel", ("model", None)),
        )
    ),
}
