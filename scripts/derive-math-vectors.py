"""Makes test/vectors/math.json: functions of src/math.ts to 50 digits by mpmath, rounded to the nearest f64.

    python3 scripts/derive-math-vectors.py

The arguments are f64 values, given to mpmath exactly.
"""

import json
import math
import random

import mpmath

mpmath.mp.dps = 50
random.seed(1)


def vectors(function, arguments):
    return [[x, float(function(mpmath.mpf(x)))] for x in arguments]


def hard_angles():
    """For each last place 2^-s, the f64 that come nearest to multiples of pi/2: denominators of convergents."""
    found = []
    for s in range(-20, 56):
        rest = mpmath.pi / 2 * mpmath.mpf(2) ** s
        k, before = 0, 1
        while True:
            whole = mpmath.floor(rest)
            k, before = int(whole) * k + before, k
            if k * mpmath.pi / 2 > 2.0 ** min(20, 53 - s):
                break
            found.append(float(mpmath.pi / 2 * k))
            rest = 1 / (rest - whole)
    return found


exp_arguments = [0.0, 1.0, -1.0, 0.5, -0.5, 700.0, -700.0, 2.0**-30, -(2.0**-30), 709.0, -708.0]
exp_arguments += [k * 0.6931471805599453 / 2 for k in range(-40, 41)]
exp_arguments += [random.uniform(-700, 700) for _ in range(400)]
exp_arguments += [random.uniform(-2, 2) for _ in range(200)]

erfc_arguments = [0.0, 2.0, 1.9999999999999998, -2.0, 26.0, 0.5, -0.5, 1e-12, -1e-12]
erfc_arguments += [random.uniform(-6, 6) for _ in range(300)]
erfc_arguments += [random.uniform(1.9, 2.1) for _ in range(100)]
erfc_arguments += [random.uniform(2, 26) for _ in range(200)]
erfc_arguments += [2.0**-k for k in range(1, 40)]

expm1_arguments = [0.0, 1.0, -1.0, 700.0, -39.0, 1e-300, -1e-300, 0.34657359027997264, -0.34657359027997264]
expm1_arguments += [sign * 2.0**k for k in range(-60, 6) for sign in (1, -1)]
expm1_arguments += [random.uniform(-2, 2) for _ in range(200)]
expm1_arguments += [random.uniform(-40, 700) for _ in range(200)]
expm1_arguments += [-random.uniform(1e-4, 0.1) for _ in range(200)]

log_arguments = [1.0, 2.0, 0.5, 2.0**-1074, 3 * 2.0**-1074, 2.0**-1022, 1.7976931348623157e308, 0.7071067811865476]
log_arguments += [0.7071067811865475, 1.4142135623730951, 1.414213562373095, 10.0]
log_arguments += [1 + sign * 2.0**-k for k in range(2, 53) for sign in (1, -1)] + [1 - 2.0**-53]
log_arguments += [math.ldexp(random.uniform(1, 2), random.randrange(-1074, 1024)) for _ in range(200)]
log_arguments += [random.uniform(0.5, 2) for _ in range(300)]
log_arguments += [random.uniform(0.99, 1.01) for _ in range(200)]
log_arguments += [float(k) for k in range(1, 65)]

# the f64 beside multiples of pi/2 are where a reduction loses its digits
angles = [0.0, 1e-300, -1e-300, 2.0**-30, 0.7853981633974483, -0.7853981633974484, 2.0**20, -(2.0**20)]
angles += [float(mpmath.pi / 2 * k) for k in range(-20, 21)]
angles += [float(mpmath.pi / 2 * random.randrange(2**19)) for _ in range(100)]
angles += hard_angles()
angles += [float(k) for k in range(1, 100)] + [float(k) for k in range(1000, 2**20, 9999)]
angles = sorted(set(angles))
angles += [random.uniform(-1, 1) for _ in range(200)]
angles += [random.uniform(-(2.0**20), 2.0**20) for _ in range(200)]

log1p_arguments = [0.0, -0.5, 1e-300, -1e-300, 1.0, 1e300, 0.9999999999999999, -0.9999999999999999, -(1 - 2.0**-30)]
log1p_arguments += [sign * 2.0**-k for k in range(2, 66) for sign in (1, -1)]
log1p_arguments += [sign * random.uniform(0.5, 1) * 2.0**-k for k in range(1, 60) for sign in (1, -1) for _ in range(4)]
log1p_arguments += [random.uniform(-1, 5) for _ in range(100)]


# what an output can become, the fraction of the normal above or below it: from 2^-65 to 1/2
def quantile(p):
    return -mpmath.sqrt(2) * mpmath.erfinv(1 - 2 * p)


mpmath.mp.dps = 80  # 1 - 2 p cancels
tails = [0.5, 2.0**-65, 0.075, 0.07500000000000001, 0.5 - 2.0**-54, 1.3887943864964e-11, 1.388794386496402e-11]
tails += [random.uniform(0.5, 1) * 2.0**-k for k in range(1, 65) for _ in range(6)]
tails += [random.uniform(0.05, 0.5) for _ in range(300)]
quantiles = vectors(quantile, tails)
mpmath.mp.dps = 50

with open("test/vectors/math.json", "w", encoding="utf-8") as file:
    json.dump(
        {
            "source": "scripts/derive-math-vectors.py, mpmath " + mpmath.__version__,
            "exp": vectors(mpmath.exp, exp_arguments),
            "expm1": vectors(mpmath.expm1, expm1_arguments),
            "log": vectors(mpmath.log, log_arguments),
            "log1p": vectors(mpmath.log1p, log1p_arguments),
            "normalQuantile": quantiles,
            "sin": vectors(mpmath.sin, angles),
            "cos": vectors(mpmath.cos, angles),
            "erfc": vectors(mpmath.erfc, erfc_arguments),
        },
        file,
        indent=1,
    )
    file.write("\n")
