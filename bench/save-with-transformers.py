"""Makes a checkpoint with transformers: a model with random weights from a config, saved and synced to the disk. Prints
the seconds of each phase, including the imports, as JSON. Needs Python with torch and transformers.

    python3 bench/save-with-transformers.py config.json folder
"""

import time

started = time.perf_counter()
import json
import os
import sys

import torch
import transformers
from transformers import AutoConfig

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
imported = time.perf_counter()
with open(sys.argv[1]) as file:
    fields = json.load(file)
config = AutoConfig.for_model(**fields)
dtype = getattr(torch, fields.get("dtype") or fields.get("torch_dtype") or "float32")
model = getattr(transformers, fields["architectures"][0])._from_config(config, dtype=dtype)
made = time.perf_counter()
model.save_pretrained(sys.argv[2])
saved = time.perf_counter()
for name in os.listdir(sys.argv[2]):
    with open(os.path.join(sys.argv[2], name), "rb") as file:
        os.fsync(file.fileno())
synced = time.perf_counter()
phases = {"import": imported - started, "make": made - imported, "save": saved - made, "sync": synced - saved}
versions = {"torch": torch.__version__, "transformers": transformers.__version__}
print(json.dumps({"versions": versions, "threads": torch.get_num_threads(), **phases}))
