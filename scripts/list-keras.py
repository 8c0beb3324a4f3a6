"""Lists what the initialisers of Keras give, into test/fixtures/keras.json.

Ground truth for src/compat/keras.ts: fields and their defaults, figures of large samples in the shapes of layers,
values of those that draw nothing, what is refused. Needs Python with keras, scipy and numpy; run it from the
project's root:

    python3 scripts/list-keras.py
"""

import inspect
import json
import os

os.environ["KERAS_BACKEND"] = "numpy"
import keras
import numpy as np
from keras import initializers, layers

NAMES = sorted(
    name
    for name, item in vars(initializers).items()
    if isinstance(item, type) and name[0].isupper() and not name.endswith("Initializer")
)
FANS = [name for name in NAMES if name.startswith(("Glorot", "He", "Lecun"))]
DRAWN = (
    [["RandomNormal", {}], ["RandomNormal", {"mean": 1, "stddev": 0.5}]]
    + [["TruncatedNormal", {}], ["TruncatedNormal", {"mean": 1, "stddev": 0.5}]]
    + [["RandomUniform", {}], ["RandomUniform", {"minval": 1, "maxval": 3}]]
)
SCALED = [[name, {}] for name in FANS] + [["VarianceScaling", {}]] + [
    ["VarianceScaling", {"scale": 3, "mode": mode, "distribution": distribution}]
    for mode in ("fan_in", "fan_out", "fan_avg")
    for distribution in ("normal", "truncated_normal", "untruncated_normal", "uniform")
]
EXACT = [
    ["Zeros", {}, [2, 3]],
    ["Ones", {}, [2, 3]],
    ["Constant", {}, [3]],
    ["Constant", {"value": -2.5}, [2, 2]],
    ["Identity", {}, [3, 3]],
    ["Identity", {"gain": 0.5}, [2, 4]],
    ["Identity", {"gain": 2}, [4, 2]],
] + [
    ["STFT", dict(side=side, window=window, scaling=scaling, periodic=periodic), [6, 1, 5]]
    for side in ("real", "imag")
    for window, scaling in (("hann", "density"), ("hamming", "spectrum"), ("hann", None), (None, "density"))
    for periodic in (False, True)
]
ORTHOGONAL = [[{}, [64, 64]], [{"gain": 2}, [96, 32]], [{}, [32, 96]], [{}, [3, 3, 8, 40]], [{}, [3, 2, 2, 60]]]
LIMITS = [
    ["Orthogonal", {}, [5]],
    ["Identity", {}, [5]],
    ["Identity", {}, [2, 2, 2]],
    ["STFT", {}, [4, 4]],
    ["VarianceScaling", {"mode": "fan_geo_avg"}, [4, 4]],
    ["VarianceScaling", {"distribution": "cauchy"}, [4, 4]],
    ["VarianceScaling", {"scale": -1}, [4, 4]],
    ["VarianceScaling", {"scale": 0}, [4, 4]],
    ["VarianceScaling", {"mode": "FAN_IN"}, [4, 4]],
    ["VarianceScaling", {"distribution": "Uniform"}, [4, 4]],
    ["RandomUniform", {"minval": 1, "maxval": 1}, [4, 4]],
    ["RandomNormal", {"stddev": 0}, [4, 4]],
    ["TruncatedNormal", {"stddev": 0}, [4, 4]],
    ["Constant", {"value": [1, 2]}, [2, 2]],
    ["STFT", {"window": "blackman"}, [6, 1, 5]],
    ["STFT", {"window": "no such window"}, [6, 1, 5]],
]
AXES = [
    ["VarianceScaling", {"mode": mode, "input_axes": into, "output_axes": out}, shape]
    for mode in ("fan_in", "fan_out", "fan_avg")
    for into, out, shape in (([0], [1], [20, 50, 100]), ([-2], [-1], [10, 100, 100]), ([0], [1, 2], [100, 4, 250]))
]


def layer_shapes():
    """The shapes that layers ask their initialisers for, by the weight's name; beside them a vector and a scalar."""
    made = [
        (layers.Dense(200), (None, 100), "kernel"),
        (layers.Conv1D(40, 5), (None, 20, 30), "kernel"),
        (layers.Conv2D(40, 3), (None, 20, 20, 30), "kernel"),
        (layers.Conv3D(20, 3), (None, 9, 9, 9, 10), "kernel"),
        (layers.Conv2DTranspose(40, 3), (None, 20, 20, 30), "kernel"),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), (None, 20, 20, 30), "kernel"),
        (layers.Embedding(300, 50), (None, 7), "embeddings"),
    ]
    listed = []
    for layer, shape, weight in made:
        layer.build(shape)
        listed.append([type(layer).__name__, list(getattr(layer, weight).shape)])
    return listed + [["vector", [1000]], ["scalar", []]]


def sample(name, options, shape):
    """Figures of at least 100 000 values, a seed each draw; one of a scalar is of fewer."""
    size = int(np.prod(shape))
    draws = -(-100_000 // size) if size > 1 else 2_000
    kind = getattr(initializers, name)
    values = np.concatenate([np.ravel(kind(seed=i, **options)(shape)) for i in range(draws)]).astype("float64")
    figures = [values.mean(), values.std(), values.min(), values.max()]
    return [name, options, shape, values.size, *[float(f"{figure:.6g}") for figure in figures]]


def orthogonal(options, shape):
    """The greatest distance of Q^T Q / gain^2 and of Q Q^T / gain^2 from one."""
    matrix = np.reshape(initializers.Orthogonal(seed=1, **options)(shape), (-1, shape[-1]))
    matrix = matrix.astype("float64") / options.get("gain", 1)
    off = lambda gram: float(f"{np.abs(gram - np.eye(len(gram))).max():.2g}")
    return [options, shape, off(matrix.T @ matrix), off(matrix @ matrix.T)]


def values(name, options, shape):
    return [name, options, shape, [float(f"{x:.7g}") for x in np.ravel(getattr(initializers, name)(**options)(shape))]]


def refusal(name, options, shape):
    try:
        getattr(initializers, name)(**options)(shape)
    except ValueError:
        return [name, options, shape, True]
    return [name, options, shape, False]


def defaults(name):
    """The fields of the constructor, which get_config() need not have."""
    fields = inspect.signature(getattr(initializers, name)).parameters.values()
    empty = inspect.Parameter.empty
    return {f.name: f.default for f in fields if f.default is not empty}


shapes = layer_shapes()
listed = {
    "made by": "scripts/list-keras.py",
    "keras": keras.__version__,
    "numpy": np.__version__,
    "defaults": [[name, defaults(name), getattr(initializers, name)().get_config()] for name in NAMES],
    "layers": shapes,
    "samples": [sample(*call, shapes[0][1]) for call in DRAWN]
    + [sample(*call, shape) for call in SCALED for _, shape in shapes],
    "values": [values(*case) for case in EXACT],
    "orthogonal": [orthogonal(*case) for case in ORTHOGONAL],
    "axes": [sample(*case) for case in AXES],
    "limits": [refusal(*case) for case in LIMITS],
}
with open("test/fixtures/keras.json", "w") as file:
    lines = lambda part: "[\n" + ",\n".join(map(json.dumps, part)) + "\n]" if isinstance(part, list) else json.dumps(part)
    file.write("{" + ",\n".join(f"{json.dumps(key)}: {lines(part)}" for key, part in listed.items()) + "}\n")
