/**
 * Which of how many processes this is, as the program that started it says in the environment. It chooses the files
 * that the process makes, and nothing else: no value depends on it, and the number may change from run to run.
 *
 * Sources: Slurm, sbatch(1) "Job Array Environment Variables" and srun(1) "OUTPUT ENVIRONMENT VARIABLES";
 * Kubernetes, "Indexed Job"; PyTorch, torch/distributed/run.py; Open MPI, "Environment variables that Open MPI
 * sets"; MPICH's Hydra; GNU parallel(1) "ENVIRONMENT VARIABLES".
 */

import { InputError } from '../errors/simdinit-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface Rank {
  readonly rank: number
  readonly worldSize: number
  /** Who said so. */
  readonly source: string
}

/** What one program says. Some do not say how many there are. */
interface RankCandidate {
  readonly source: string
  readonly rank: number
  readonly worldSize?: number
}

/**
 * The rank of this process: what is given, else what the environment says; 0 of 1 if it says nothing. `worldSize`
 * alone is for those that tell the rank only (Kubernetes, GNU parallel). Throws an InputError where it is not clear.
 */
export function detectRank(env: Environment, given: { rank?: number; worldSize?: number } = {}): Rank {
  const { rank, worldSize } = given
  if (rank !== undefined) {
    if (worldSize === undefined) throw new InputError('--rank needs --world-size')
    return checkRank({ source: '--rank', rank, worldSize })
  }
  const claims = [
    readSlurmArray,
    readSrun,
    readKubernetes,
    readTorchrun,
    readOpenMpi,
    readMpich,
    readGnuParallel,
  ]
    .flatMap((read) => read(env) ?? [])
    .filter((claim) => claim.worldSize !== 1) // one process alone shares nothing
    .filter((claim) => claim.source !== 'GNU parallel' || worldSize !== undefined) // its jobs may be anything
    .map((claim) => ({ ...claim, worldSize: claim.worldSize ?? worldSize }))
  const [first] = claims
  if (first === undefined) {
    if (worldSize === undefined || worldSize === 1) return { rank: 0, worldSize: 1, source: 'alone' }
    throw new InputError('--world-size needs --rank, since nothing in the environment tells it')
  }
  const other = claims.find((claim) => claim.rank !== first.rank || claim.worldSize !== first.worldSize)
  if (other)
    throw new InputError(
      `${describeCandidate(first)}, and ${describeCandidate(other)}: give --rank and --world-size`,
    )
  if (worldSize !== undefined && first.worldSize !== worldSize) {
    throw new InputError(`${describeCandidate(first)}, and --world-size ${worldSize}: give --rank too`)
  }
  if (first.worldSize === undefined)
    throw new InputError(`${describeCandidate(first)}, and not of how many: give --world-size`)
  return checkRank(first as Rank)
}

function describeCandidate({ source, rank, worldSize }: RankCandidate): string {
  return `${source} says rank ${rank}${worldSize === undefined ? '' : ` of ${worldSize}`}`
}

function checkRank(rank: Rank): Rank {
  if (rank.rank >= rank.worldSize) {
    throw new InputError(`${rank.source} must be a rank below ${rank.worldSize}; received ${rank.rank}`)
  }
  return rank
}

/** Ranks are the places in the array; one with gaps, as when failed tasks are submitted again, tells no ranks. */
function readSlurmArray(env: Environment): RankCandidate | undefined {
  const id = readInteger(env, 'SLURM_ARRAY_TASK_ID')
  if (id === undefined) return undefined
  const min = readInteger(env, 'SLURM_ARRAY_TASK_MIN') ?? 0
  const max = readInteger(env, 'SLURM_ARRAY_TASK_MAX') ?? id
  const step = readInteger(env, 'SLURM_ARRAY_TASK_STEP') || 1
  const worldSize = Math.floor((max - min) / step) + 1
  const count = readInteger(env, 'SLURM_ARRAY_TASK_COUNT') ?? worldSize
  const rank = (id - min) / step
  if (count !== worldSize || !Number.isInteger(rank)) {
    throw new InputError(
      `SLURM_ARRAY_TASK_ID is ${id}, of an array with gaps (${count} tasks from ${min} to ${max}): ` +
        'give --rank and --world-size',
    )
  }
  return { source: 'the Slurm array', rank, worldSize }
}

/** The batch script itself has a SLURM_PROCID too, of 0: only within a step are there as many as it says. */
function readSrun(env: Environment): RankCandidate | undefined {
  const rank = readInteger(env, 'SLURM_PROCID')
  if (rank === undefined) return undefined
  const tasks = readInteger(env, 'SLURM_NTASKS') ?? 1
  if (env.SLURM_STEP_ID === undefined && tasks > 1) {
    throw new InputError(`Slurm has allocated ${tasks} tasks, and this is none of them: start it with srun`)
  }
  return { source: 'srun', rank, worldSize: readInteger(env, 'SLURM_STEP_NUM_TASKS') ?? tasks }
}

function readKubernetes(env: Environment): RankCandidate | undefined {
  const rank = readInteger(env, 'JOB_COMPLETION_INDEX')
  return rank === undefined ? undefined : { source: 'JOB_COMPLETION_INDEX', rank }
}

function readTorchrun(env: Environment): RankCandidate | undefined {
  return readPair(env, 'RANK', 'WORLD_SIZE', 'torchrun')
}

function readOpenMpi(env: Environment): RankCandidate | undefined {
  return readPair(env, 'OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE', 'Open MPI')
}

function readMpich(env: Environment): RankCandidate | undefined {
  return readPair(env, 'PMI_RANK', 'PMI_SIZE', 'MPICH')
}

/** It counts from 1. */
function readGnuParallel(env: Environment): RankCandidate | undefined {
  const seq = readInteger(env, 'PARALLEL_SEQ')
  return seq === undefined ? undefined : { source: 'GNU parallel', rank: seq - 1 }
}

function readPair(
  env: Environment,
  rankName: string,
  sizeName: string,
  source: string,
): RankCandidate | undefined {
  const [rank, worldSize] = [readInteger(env, rankName), readInteger(env, sizeName)]
  if (rank === undefined && worldSize === undefined) return undefined
  if (rank !== undefined && worldSize !== undefined) return { source, rank, worldSize }
  const [there, lacking] = rank === undefined ? [sizeName, rankName] : [rankName, sizeName]
  throw new InputError(`${there} is set, and ${lacking} is not: give --rank and --world-size`)
}

/** A variable that holds a whole number; undefined if it is not there, or empty. */
function readInteger(env: Environment, name: string): number | undefined {
  const text = env[name]
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,9}$/.test(text)) {
    throw new InputError(`${name} must be a whole number; received ${JSON.stringify(text)}`)
  }
  return Number(text)
}
