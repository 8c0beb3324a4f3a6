"""Answers requests of torch.test.ts with PyTorch: JSON on stdin, JSON on stdout.

For each case {"code", "shape"} it runs the code, which fills a tensor t or creates another t, and returns its figures,
its values where they are few, and the parameters with which torch.nn.init drew it.
"""

import base64
import json
import sys
import warnings

import torch
from torch import nn
from torch.nn import functional, init

warnings.simplefilter("ignore")  # "the distribution may be incorrect": the tests check that themselves
torch.manual_seed(1)
torch.set_num_threads(1)
drawn = []


def recorded(owner, name, fields):
    function = getattr(owner, name)

    def recording(tensor, *numbers, **rest):
        drawn.append(dict(zip(fields, numbers)))
        return function(tensor, *numbers, **rest)

    setattr(owner, name, recording)


recorded(init, "_no_grad_trunc_normal_", ["mean", "std", "low", "high"])
recorded(torch.Tensor, "uniform_", ["low", "high"])
recorded(torch.Tensor, "normal_", ["mean", "std"])


def answer(case):
    drawn.clear()
    scope = {"t": torch.empty(*case["shape"]), "torch": torch, "nn": nn, "init": init}
    with torch.no_grad():
        exec(case["code"], scope)
    t = scope["t"].detach().double()
    mean = t.mean()
    deviations = t - mean
    variance = (deviations**2).mean()
    return {
        "shape": list(t.shape),
        "drawn": drawn[0] if drawn and case["code"].startswith("init.") else None,
        "values": t.flatten().tolist() if t.numel() <= 1024 else None,
        "figures": {
            "count": t.numel(),
            "mean": mean.item(),
            "std": variance.sqrt().item(),
            "kurtosis": ((deviations**4).mean() / variance**2).item() if variance > 0 else 0,
            "min": t.min().item(),
            "max": t.max().item(),
        },
    }


def zeros(t):
    """The numbers of zeros in columns, without duplicates."""
    return sorted(set((t.reshape(t.shape[0], -1) == 0).sum(0).tolist()))


def orthogonality(t):
    """The largest error of an inner product of two columns, or rows of a wide matrix, relative to their length."""
    matrix = t.reshape(t.shape[0], -1).double()
    tall = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T
    tall = tall / tall[:, 0].norm()
    return (tall.T @ tall - torch.eye(tall.shape[1], dtype=torch.float64)).abs().max().item()


def compare(case):
    """The results of the two functions above for the tensor that the code fills, and for the one in the request."""
    scope = {"t": torch.empty(*case["shape"]), "init": init}
    exec(case["code"], scope)
    return [[zeros(t), orthogonality(t)] for t in (scope["t"], floats(case["values"]).reshape(case["shape"]))]


def floats(text):
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.float32)


def upsampled(kernel, factor):
    """A random image, upsampled by the kernel as a transposed convolution, and by torch's own interpolation."""
    kernel = floats(kernel).reshape(1, 1, 2 * factor, 2 * factor)
    image = torch.rand(1, 1, 9, 8)
    ours = functional.conv_transpose2d(image, kernel, stride=factor, padding=factor // 2)
    theirs = functional.interpolate(image, scale_factor=factor, mode="bilinear", align_corners=False)
    inside = slice(factor, -factor)
    return (ours - theirs)[:, :, inside, inside].abs().max().item()


request = json.load(sys.stdin)
print(
    json.dumps(
        {
            "initialisers": [name for name in dir(init) if name.endswith("_") and not name.startswith("_")],
            "gains": [[n, p, init.calculate_gain(n, p)] for n, p in request["gains"]],
            "fans": [list(init._calculate_fan_in_and_fan_out(torch.empty(*s))) for s in request["fans"]],
            "cases": [answer(case) for case in request["cases"]],
            "matrices": [compare(case) for case in request["matrices"]],
            "bf16": floats(request["floats"]).to(torch.bfloat16).view(torch.int16).tolist(),
            "upsampled": upsampled(request["kernel"], 2),
        }
    )
)
