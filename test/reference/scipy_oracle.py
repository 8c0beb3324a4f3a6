"""Answers requests of scipy.test.ts with SciPy and NumPy: JSON on stdin and stdout, values as little-endian bytes."""

import base64
import json
import sys

import numpy as np
from scipy import special, stats
from scipy.signal import get_window


def array(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype=dtype)


def law(case):
    """SciPy's figures for a distribution, and for a sample of it."""
    theirs = eval(case["law"], {"inf": np.inf} | {name: getattr(stats, name) for name in ("norm", "uniform", "truncnorm", "loguniform", "beta")})
    values = eval(case["of"], {"np": np, "x": array(case["values"], "<f4").astype(float)})
    mean, variance, kurtosis = (float(x) for x in theirs.stats("mvk"))
    return {
        "p": stats.kstest(values, theirs.cdf).pvalue,
        "inside": bool(np.all((values >= theirs.support()[0]) & (values <= theirs.support()[1]))),
        "mean": mean,
        "std": variance**0.5,
        "kurtosis": kurtosis + 3,
    }


def transform(case):
    """The real or imaginary part of NumPy's transform of each unit impulse of the frame, under SciPy's window."""
    frame, _, bins = case["shape"]
    window = np.ones(frame)
    if case["window"] != "none":
        window = get_window(case["window"], frame, fftbins=case["periodic"])
        if case["scaling"] == "density":
            window = window / np.sqrt((window**2).sum())
        if case["scaling"] == "spectrum":
            window = window / np.abs(window).sum()
    basis = np.exp(-2j * np.pi * np.outer(np.arange(frame), np.arange(bins)) / (2 * (bins - 1)))
    if frame == 2 * (bins - 1):  # then it is the transform of unit impulses
        basis = np.fft.rfft(np.eye(frame))
    basis = basis * window[:, None]
    return (basis.real if case["side"] == "real" else basis.imag).ravel().tolist()


request = json.load(sys.stdin)
print(
    json.dumps(
        {
            "laws": [law(case) for case in request["laws"]],
            "above": special.ndtri(array(request["fractions"], "<f8")).tolist(),
            "tails": special.ndtr(-array(request["tails"], "<f8")).tolist(),
            "transforms": [transform(case) for case in request["transforms"]],
            "f16": array(request["floats"], "<f4").astype("<f2").view("<u2").tolist(),
            "fixed": [eval(code, {"np": np}).ravel().tolist() for code in request["fixed"]],
        }
    )
)
