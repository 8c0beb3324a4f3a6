#!/bin/sh
# Writes a checkpoint with a job array: each task writes its share of the files, and the last one finalizes it.
# --world-size says that the tasks share one checkpoint; without it, each task is a run of its own.
#   MODEL=gpt2-xl OUT=/shared/gpt2-xl sbatch examples/slurm/array.sh
# Requeue failed tasks with scontrol, or submit the array again: finished files are kept.
#SBATCH --array=0-7
#SBATCH --cpus-per-task=2
#SBATCH --requeue
exec ${SIMDINIT:-npx simdinit} init "${MODEL:-gpt2}" --out "${OUT:?a folder that all nodes share}" \
  --world-size "$SLURM_ARRAY_TASK_COUNT" ${OPTIONS:-}
