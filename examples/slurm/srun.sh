#!/bin/sh
# Writes a checkpoint with the tasks of one job.
#   MODEL=gpt2-xl OUT=/shared/gpt2-xl sbatch examples/slurm/srun.sh
#SBATCH --nodes=3 --ntasks-per-node=2
srun ${SIMDINIT:-npx simdinit} init "${MODEL:-gpt2}" --out "${OUT:?a folder that all nodes share}" ${OPTIONS:-}
