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
import transformers.modeling_utils as modeling_utils
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


def grouped(limit):
    """A model whose experts are parts of one storage, which are never parted: each tensor with its storage's number."""
    config = transformers.MixtralConfig(
        vocab_size=40, hidden_size=8, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, num_local_experts=3,
    )  # fmt: skip
    original, seen = modeling_utils.split_torch_state_dict_into_shards, {}

    def spy(state_dict, **options):
        storages = [tensor.untyped_storage().data_ptr() for tensor in state_dict.values()]
        sizes = [tensor.numel() * tensor.element_size() for tensor in state_dict.values()]
        numbers = {storage: i for i, storage in enumerate(dict.fromkeys(storages))}
        seen["tensors"] = [[n, size, numbers[s]] for n, size, s in zip(state_dict, sizes, storages)]
        return original(state_dict, **options)

    modeling_utils.split_torch_state_dict_into_shards = spy
    try:
        with tempfile.TemporaryDirectory() as folder:
            transformers.MixtralForCausalLM(config).save_pretrained(folder, max_shard_size=limit)
            with open(os.path.join(folder, "model.safetensors.index.json"), encoding="utf-8") as file:
                return {"limit": limit, **seen, "index": file.read()}
    finally:
        modeling_utils.split_torch_state_dict_into_shards = original


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
        + '"splits": %s,\n"grouped": %s,\n"saved": %s}\n'
        % (rows(splits(60)), rows(grouped(limit) for limit in (1000, 1536, 2500, 5000)), rows(saved(*case) for case in CASES))
    )
