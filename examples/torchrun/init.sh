#!/bin/sh
# Writes a checkpoint with the ranks that torchrun starts; for several machines add --nnodes and --rdzv_endpoint.
#   MODEL=gpt2-xl OUT=/shared/gpt2-xl examples/torchrun/init.sh
exec torchrun --no_python --nproc_per_node="${RANKS:-4}" \
  ${SIMDINIT:-npx simdinit} init "${MODEL:-gpt2}" --out "${OUT:?a folder that all machines share}" ${OPTIONS:-}
