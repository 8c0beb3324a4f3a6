"""Loads a checkpoint with transformers, and says which keys were missing or unexpected, and whether saving it
again gives the same bytes. Needs Python with torch and transformers.

    python3 scripts/load-with-transformers.py out/gpt2-init
"""

import filecmp
import os
import sys
import tempfile

import transformers

folder = sys.argv[1]
model, info = transformers.AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
with tempfile.TemporaryDirectory() as again:
    model.save_pretrained(again)
    name = "model.safetensors"
    same = filecmp.cmp(os.path.join(folder, name), os.path.join(again, name), shallow=False)
wrong = sorted(info["missing_keys"]) + sorted(info["unexpected_keys"]) + sorted(info["mismatched_keys"])
print(f"{model.num_parameters():,} parameters; missing, unexpected or mismatched keys: {wrong or 'none'}")
print("saved again: " + ("the same bytes" if same else "other bytes"))
sys.exit(0 if same and not wrong else 1)
