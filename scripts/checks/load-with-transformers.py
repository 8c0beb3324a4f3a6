"""Loads checkpoints with transformers. Reports missing and unexpected keys, and whether saving them again gives the same
bytes. Needs Python with torch and transformers.

    python3 scripts/checks/load-with-transformers.py out/gpt2-init [folder]...
"""

import filecmp
import json
import os
import sys
import tempfile

import transformers

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
failed = False
for folder in sys.argv[1:]:
    with open(os.path.join(folder, "config.json")) as file:
        config = json.load(file)
    name = config.get("architectures", [None])[0]
    model_class = getattr(transformers, name) if name else transformers.AutoModelForCausalLM
    model, info = model_class.from_pretrained(folder, output_loading_info=True)
    if model.can_generate():
        model.generation_config.pad_token_id = None  # a negative one could not be saved
    with tempfile.TemporaryDirectory() as again:
        model.save_pretrained(again)
        file = "model.safetensors"
        same = filecmp.cmp(os.path.join(folder, file), os.path.join(again, file), shallow=False)
    wrong = sorted(info["missing_keys"]) + sorted(info["unexpected_keys"]) + sorted(info["mismatched_keys"])
    print(
        f"{folder}: {model.num_parameters():,} parameters; missing, unexpected or mismatched keys:"
        f" {wrong or 'none'}; saved again: {'the same bytes' if same else 'other bytes'}"
    )
    failed = failed or bool(wrong) or not same
sys.exit(1 if failed else 0)
