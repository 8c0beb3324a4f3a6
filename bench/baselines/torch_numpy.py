"""Times PyTorch and NumPy for the benches: reads [case, count, threads] as JSON lines, writes milliseconds.

load.mjs starts it in a python3 with torch or numpy. Buffers are touched before they are timed.
"""

import json
import re
import sys
import time

versions = {}
cases = {}
buffers = {}

try:
    import torch

    versions["torch"] = torch.__version__

    def tensor(count, dtype):
        key = (count, dtype)
        if key not in buffers:
            buffers[key] = torch.zeros(count, dtype=dtype)
        return buffers[key]

    init = torch.nn.init
    cases["torch normal_"] = lambda n: tensor(n, torch.float32).normal_(0, 0.02)
    cases["torch uniform_"] = lambda n: tensor(n, torch.float32).uniform_()
    cases["torch trunc_normal_"] = lambda n: init.trunc_normal_(tensor(n, torch.float32), 0, 1, -2, 2)
    cases["torch normal_ bf16"] = lambda n: tensor(n, torch.bfloat16).normal_(0, 0.02)
    cases["torch orthogonal_"] = lambda n: init.orthogonal_(tensor((n, n), torch.float32))
except ImportError:
    pass

try:
    import numpy

    versions["numpy"] = numpy.__version__
    generator = numpy.random.Generator(numpy.random.SFC64(1))

    def array(count):
        if count not in buffers:
            buffers[count] = numpy.zeros(count, dtype=numpy.float32)
        return buffers[count]

    cases["numpy standard_normal f32 (SFC64)"] = lambda n: generator.standard_normal(out=array(n), dtype=numpy.float32)
    cases["numpy random f32 (SFC64)"] = lambda n: generator.random(out=array(n), dtype=numpy.float32)
except ImportError:
    pass

if "torch" in versions:
    cases["torch orthogonal_"](2)  # loads the BLAS library
with open("/proc/self/maps") as maps:
    blas = sorted({path for path in re.findall(r"/\S+", maps.read()) if "blas" in path.lower()})
print(json.dumps({"versions": versions, "cases": sorted(cases), "blas": blas}), flush=True)
for line in sys.stdin:
    case, count, threads = json.loads(line)
    if "torch" in versions:
        torch.set_num_threads(threads)
    start = time.perf_counter()
    cases[case](count)
    print((time.perf_counter() - start) * 1000, flush=True)
