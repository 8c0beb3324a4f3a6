"""Lists what transformers' save_pretrained writes for GPT-2 configs, into test/fixtures/gpt2.json.

Ground truth for names, shapes and file sizes. Needs Python with torch, transformers and safetensors; run it
from the project's root when the family changes. The plan's order is that of the file: by offset.
"""

import json
import os
import struct
import tempfile

import torch
import transformers

TINY = dict(vocab_size=101, n_positions=16, n_embd=8, n_head=2, n_layer=2)
CASES = {
    "tiny": TINY,
    "tiny, untied head": dict(TINY, tie_word_embeddings=False),
    "tiny, n_inner": dict(TINY, n_inner=24),
    "tiny, bfloat16": dict(TINY, dtype="bfloat16"),
    "tiny, float16": dict(TINY, dtype="float16"),
    "twelve layers, narrow": dict(TINY, n_layer=12),
    "gpt2": None,
}


def listed(label, fields):
    if fields is None:
        with open("examples/gpt2/config.json") as file:
            fields = json.load(file)
    config = dict({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}, **fields)
    with tempfile.TemporaryDirectory() as folder:
        dtype = getattr(torch, fields.get("dtype", "float32"))
        model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**fields)).to(dtype)
        model.save_pretrained(folder)
        path = os.path.join(folder, "model.safetensors")
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
        header.pop("__metadata__")
        names = sorted(header, key=lambda name: header[name]["data_offsets"])
        return {
            "label": label,
            "config": config,
            "fileBytes": os.path.getsize(path),
            "tensors": [[name, header[name]["shape"]] for name in names],
        }


document = {
    "made by": "scripts/list-transformers.py",
    "transformers": transformers.__version__,
    "torch": torch.__version__,
    "models": [listed(label, fields) for label, fields in CASES.items()],
}
os.makedirs("test/fixtures", exist_ok=True)
with open("test/fixtures/gpt2.json", "w") as file:
    models = document.pop("models")
    head = json.dumps(document)[:-1]
    file.write(head + ', "models": [\n' + ",\n".join(json.dumps(model) for model in models) + "\n]}\n")
