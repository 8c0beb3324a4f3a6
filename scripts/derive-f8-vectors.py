"""Makes test/vectors/f8.json: the two 8-bit dtypes as PyTorch reads and makes them.

    python3 scripts/derive-f8-vectors.py

"values": those of the 256 patterns, null for what is not finite. "cast": [f32, its pattern] for the middle of every
gap between finite values, the f32 to each side of it, and their negatives.
"""

import json
import math

import torch

DTYPES = {"f8_e4m3": torch.float8_e4m3fn, "f8_e5m2": torch.float8_e5m2}


def vectors(dtype):
    patterns = torch.arange(256, dtype=torch.int32).to(torch.uint8)
    values = patterns.view(dtype).to(torch.float32)
    grid = values[:128][values[:128].isfinite()]
    middles = (grid[:-1] + grid[1:]) / 2  # exact
    beside = [torch.nextafter(middles, torch.tensor(end)) for end in (-math.inf, math.inf)]
    magnitudes = torch.stack([beside[0], middles, beside[1]], 1).flatten()
    x = torch.cat([magnitudes, -magnitudes])
    return {
        "values": [value if math.isfinite(value) else None for value in values.tolist()],
        "cast": [list(pair) for pair in zip(x.tolist(), x.to(dtype).view(torch.uint8).tolist())],
    }


with open("test/vectors/f8.json", "w", encoding="utf-8") as file:
    source = "scripts/derive-f8-vectors.py, torch " + torch.__version__
    json.dump({"source": source, **{name: vectors(dtype) for name, dtype in DTYPES.items()}}, file, indent=1)
    file.write("\n")
