#!/bin/sh
# A checkpoint by a job array: each task makes its share of the files, whichever comes last finishes.
#   MODEL=gpt2-xl OUT=/shared/gpt2-xl sbatch examples/slurm/array.sh
# Tasks that failed: scontrol requeue, or sbatch all of it again; what is there is kept.
#SBATCH --array=0-7
#SBATCH --cpus-per-task=2
#SBATCH --requeue
exec ${SIMDINIT:-npx simdinit} init "${MODEL:-gpt2}" --out "${OUT:?a folder that all nodes share}" ${OPTIONS:-}
