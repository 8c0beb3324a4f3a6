"""Lists what transformers' save_pretrained writes, a fixture a family: test/fixtures/models/<model_type>.json.

Ground truth for names, shapes, dtypes, order, file sizes and values. Needs Python with torch, transformers and
safetensors, and no network; run it from the project's root when a family changes:

    python3 scripts/list-transformers.py [family]...

The configs are those of scripts/model-configs.json. A tiny one is made under a seed and written, and every tensor
listed in the order in which it would be put into shards: name, dtype, shape, mean, std, least, greatest, zeros. In 16
bits the model is loaded again and written again, for that is where transformers decides what stays in f32. Of a real
one, which is made without memory, the list of names, dtypes and shapes is kept as a digest.
"""

import hashlib
import itertools
import json
import os
import re
import struct
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers
from safetensors import safe_open
from transformers import AutoConfig
from transformers.core_model_loading import dot_natural_key, revert_weight_conversion
from transformers.modeling_utils import remove_tied_weights_from_state_dict

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
DTYPES = {torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16"}
RANKS = ["F32", "BF16", "F16"]  # the order in a file


def config_and_class(fields):
    config = AutoConfig.for_model(**fields)
    return config, getattr(transformers, fields["architectures"][0])


def shards_of(folder):
    """The names in each of the smallest shards there can be. Experts that are cut from one tensor stay together."""
    with open(os.path.join(folder, "model.safetensors.index.json")) as file:
        places = json.load(file)["weight_map"]
    names = sorted(places, key=lambda name: (places[name], dot_natural_key(name)))
    return [list(group) for _, group in itertools.groupby(names, key=lambda name: places[name])]


def files_of(model, names, limit):
    """The number of each tensor's file, from 1, where files hold at most `limit` bytes of data."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder, max_shard_size=limit)
        with open(os.path.join(folder, "model.safetensors.index.json")) as file:
            places = json.load(file)["weight_map"]
    return [int(places[name].split("-")[1]) for name in names]


def row(name, tensor):
    values = tensor.double()
    numbers = [values.mean(), values.std(correction=0), values.min(), values.max()]
    rounded = [float(f"{float(number):.6g}") for number in numbers]
    return [name, DTYPES[tensor.dtype], list(tensor.shape), *rounded, int((values == 0).sum())]


def tiny(label, fields):
    config, model_class = config_and_class(fields)
    dtype = getattr(torch, fields.get("dtype", "float32"))
    torch.manual_seed(0)
    model = model_class._from_config(config, dtype=dtype)
    if model.can_generate():
        model.generation_config.pad_token_id = None  # a negative one could not be saved
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as parts:
        model.save_pretrained(parts, max_shard_size=1)
        model.save_pretrained(whole)
        if dtype != torch.float32:
            model_class.from_pretrained(whole, dtype=dtype).save_pretrained(whole)
        path = os.path.join(whole, "model.safetensors")
        shards = shards_of(parts)
        with safe_open(path, "pt") as file:
            tensors = [row(name, file.get_tensor(name)) for shard in shards for name in shard]
        listed = {
            "label": label,
            "config": fields,
            "fileBytes": os.path.getsize(path),
            "parameters": model.num_parameters(),
            "tensors": tensors,
        }
        if any(len(shard) > 1 for shard in shards):
            listed["shards"] = [len(shard) for shard in shards]
        if label == "tiny":
            listed["files"] = {"limit": 30_000, "numbers": files_of(model, [row[0] for row in tensors], 30_000)}
        return listed


def file_bytes(tensors):
    """The size of a safetensors file, whose header names each tensor and its place."""
    end, entries = 0, {"__metadata__": {"format": "pt"}}
    for name, dtype, shape in sorted(tensors, key=lambda t: (RANKS.index(t[1]), t[0].encode())):
        begin, end = end, end + (4 if dtype == "F32" else 2) * int(torch.tensor(shape, dtype=torch.int64).prod())
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
    header = json.dumps(entries, separators=(",", ":")).encode()
    return 8 + (len(header) + 7) // 8 * 8 + end


def real(label, fields):
    config, model_class = config_and_class(fields)
    with torch.device("meta"):
        model = model_class(config)
    dtype = getattr(torch, fields.get("dtype", fields.get("torch_dtype", "float32")))
    plan = model._get_dtype_plan(dtype)
    state = remove_tied_weights_from_state_dict(model.state_dict(), model)
    state = revert_weight_conversion(model, state)
    kept = lambda name: any(re.search(rf"(^|\.){re.escape(part)}($|\.)", name) for part in plan)
    tensors = [
        [name, "F32" if kept(name) else DTYPES[dtype], list(tensor.shape)] for name, tensor in state.items()
    ]
    lines = "".join(f"{name} {kind} {','.join(map(str, shape))}\n" for name, kind, shape in tensors)
    return {
        "label": label,
        "config": fields,
        "fileBytes": file_bytes(tensors),
        "parameters": model.num_parameters(),
        "tensors": len(tensors),
        "sha256": hashlib.sha256(lines.encode()).hexdigest(),
    }


with open("scripts/model-configs.json") as file:
    configs = json.load(file)
os.makedirs("test/fixtures/models", exist_ok=True)
for family in sys.argv[1:] or configs:
    head = {
        "made by": "scripts/list-transformers.py",
        "transformers": transformers.__version__,
        "torch": torch.__version__,
    }
    models = [
        (real if case.get("real") else tiny)(case["label"], case["config"]) for case in configs[family]
    ]
    with open(f"test/fixtures/models/{family}.json", "w") as file:
        lines = ",\n".join(json.dumps(model) for model in models)
        file.write(json.dumps(head)[:-1] + ', "models": [\n' + lines + "\n]}\n")
    print(family, [model["label"] for model in models], flush=True)
