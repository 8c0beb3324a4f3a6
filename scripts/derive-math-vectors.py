"""Makes test/vectors/math.json: exp and erfc to 50 digits by mpmath, rounded to the nearest f64.

    python3 scripts/derive-math-vectors.py

The arguments are f64 values, given to mpmath exactly.
"""

import json
import random

import mpmath

mpmath.mp.dps = 50
random.seed(1)


def vectors(function, arguments):
    return [[x, float(function(mpmath.mpf(x)))] for x in arguments]


exp_arguments = [0.0, 1.0, -1.0, 0.5, -0.5, 700.0, -700.0, 2.0**-30, -(2.0**-30), 709.0, -708.0]
exp_arguments += [k * 0.6931471805599453 / 2 for k in range(-40, 41)]
exp_arguments += [random.uniform(-700, 700) for _ in range(400)]
exp_arguments += [random.uniform(-2, 2) for _ in range(200)]

erfc_arguments = [0.0, 2.0, 1.9999999999999998, -2.0, 26.0, 0.5, -0.5, 1e-12, -1e-12]
erfc_arguments += [random.uniform(-6, 6) for _ in range(300)]
erfc_arguments += [random.uniform(1.9, 2.1) for _ in range(100)]
erfc_arguments += [random.uniform(2, 26) for _ in range(200)]
erfc_arguments += [2.0**-k for k in range(1, 40)]

with open("test/vectors/math.json", "w", encoding="utf-8") as file:
    json.dump(
        {
            "source": "scripts/derive-math-vectors.py, mpmath " + mpmath.__version__,
            "exp": vectors(mpmath.exp, exp_arguments),
            "erfc": vectors(mpmath.erfc, erfc_arguments),
        },
        file,
        indent=1,
    )
    file.write("\n")
