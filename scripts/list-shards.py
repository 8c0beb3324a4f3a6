"""Lists how transformers and huggingface_hub split checkpoints, into test/fixtures/shards.json.

Ground truth for the names of shards, their sizes, which tensor goes where, and the text of the index. Needs Python
with torch, transformers and safetensors; run it from the project's root.
"""

import json
import os
import random
import tempfile

import huggingface_hub
import transformers
from huggingface_hub.serialization._base import parse_size_to_int, split_state_dict_into_shards_factory

TINY = dict(vocab_size=101, n_positions=16, n_embd=8, n_head=2, n_layer=2)
CASES = [
    (TINY, "5GB"),
    (TINY, "10KB"),
    (TINY, "4KB"),
    (TINY, "3232"),  # the embedding, exactly
    (TINY, "3231"),
    (TINY, "1KB"),
    (TINY, "1"),
    (dict(TINY, tie_word_embeddings=False), "2.5KB"),
    (dict(TINY, n_layer=12), "20kb"),
]


def saved(fields, size):
    limit = int(size) if size.isdigit() else size
    with tempfile.TemporaryDirectory() as folder:
        transformers.GPT2LMHeadModel(transformers.GPT2Config(**fields)).save_pretrained(folder, max_shard_size=limit)
        names = sorted(name for name in os.listdir(folder) if name.endswith(".safetensors"))
        index = os.path.join(folder, "model.safetensors.index.json")
        return {
            "config": dict({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}, **fields),
            "maxShardSize": size,
            "files": [[name, os.path.getsize(os.path.join(folder, name))] for name in names],
            "index": open(index, encoding="utf-8").read() if os.path.exists(index) else None,
        }


def splits(count):
    """Lists of sizes, a limit, and the numbers of the tensors in each file."""
    draw = random.Random(0)
    for _ in range(count):
        limit = draw.randint(1, 40)
        sizes = [4 * draw.choice([0, 1, 2, 3, 5, 8, limit // 4, limit // 4 + 1]) for _ in range(draw.randint(1, 12))]
        state = {str(i): size for i, size in enumerate(sizes)}
        split = split_state_dict_into_shards_factory(
            state, get_storage_size=lambda size: size, filename_pattern="model{suffix}.safetensors", max_shard_size=limit
        )
        files = [[name, [int(i) for i in names]] for name, names in split.filename_to_tensors.items()]
        yield {"limit": limit, "sizes": sizes, "files": files}


def rows(items):
    return "[\n" + ",\n".join(json.dumps(item) for item in items) + "\n]"


sizes = ["5GB", "1.5GB", "0.1kb", "2 TB", "12MB", "1.0000005MB", "0.29KB"]
with open("test/fixtures/shards.json", "w") as file:
    file.write(
        '{"made by": "scripts/list-shards.py", "transformers": "%s", "huggingface_hub": "%s",\n'
        % (transformers.__version__, huggingface_hub.__version__)
        + '"sizes": %s,\n' % json.dumps([[size, parse_size_to_int(size)] for size in sizes])
        + '"splits": %s,\n"saved": %s}\n' % (rows(splits(60)), rows(saved(*case) for case in CASES))
    )
