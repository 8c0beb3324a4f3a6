/**
 * Detects which of several processes this is from the environment that a launcher sets. The rank selects the files
 * that the process writes and nothing else: no value depends on it, and the number of processes may change from run
 * to run.
 *
 * Sources: Slurm, sbatch(1) "Job Array Environment Variables" and srun(1) "OUTPUT ENVIRONMENT VARIABLES";
 * Kubernetes, "Indexed Job"; PyTorch, torch/distributed/run.py; Open MPI, "Environment variables that Open MPI
 * sets"; MPICH's Hydra; GNU parallel(1) "ENVIRONMENT VARIABLES".
 */

import { InputError } from '../errors/simdinit-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The place of a process among those that share the work. */
export interface Rank {
  /** Index of the process, from 0. */
  readonly rank: number
  /** Number of processes. */
  readonly worldSize: number
  /** Where the rank comes from: a launcher such as 'srun', 'options', or 'default'. */
  readonly source: string
}

/** What one launcher sets. Some do not set the number of processes. */
interface RankCandidate {
  readonly source: string
  readonly rank: number
  readonly worldSize?: number
}

/**
 * Detects the rank of this process: the given one if there is one, otherwise the one in the environment of Slurm,
 * Kubernetes, torchrun, Open MPI, MPICH or GNU parallel, otherwise 0 of 1. The tasks of a Slurm array and the jobs of
 * GNU parallel have a rank only if `worldSize` is given, since each may be a run of its own.
 *
 * @param env The environment, such as `process.env`.
 * @param given `rank` and `worldSize` override the environment. `worldSize` alone completes launchers that set only
 * the rank, which are Kubernetes and GNU parallel, and says that the tasks of a Slurm array share the work.
 * @returns The rank, the number of processes, and where they come from.
 * @throws InputError if the environment is contradictory or incomplete, or the rank is not below the world size.
 * @example
 * import { detectRank } from 'simdinit/node'
 *
 * const { rank, worldSize, source } = detectRank({ RANK: '3', WORLD_SIZE: '8' })
 * console.log(rank, worldSize, source) // 3 8 torchrun
 */
export function detectRank(env: Environment, given: { rank?: number; worldSize?: number } = {}): Rank {
  const { rank, worldSize } = given
  if (rank !== undefined) {
    if (worldSize === undefined) throw new InputError('"rank" needs "worldSize"')
    return checkRank({ source: 'options', rank, worldSize })
  }
  const [first, ...others] = listCandidates(env, worldSize)
  if (first === undefined) {
    if (worldSize === undefined || worldSize === 1) return { rank: 0, worldSize: 1, source: 'default' }
    throw new InputError('"worldSize" needs "rank", which the environment does not set')
  }
  const other = others.find((other) => other.rank !== first.rank || other.worldSize !== first.worldSize)
  if (other) {
    throw new InputError(
      `${describeCandidate(first)} but ${describeCandidate(other)}; pass "rank" and "worldSize"`,
    )
  }
  if (first.worldSize === undefined)
    throw new InputError(`${describeCandidate(first)} but no world size; pass "worldSize"`)
  if (worldSize !== undefined && first.worldSize !== worldSize) {
    throw new InputError(`${describeCandidate(first)} but "worldSize" is ${worldSize}; pass "rank" too`)
  }
  return checkRank({ ...first, worldSize: first.worldSize })
}

/**
 * What the launchers around this process set. The tasks of an array and the jobs of GNU parallel may be unrelated, such
 * as one run for each of several seeds: they share work only if a world size says so.
 */
function listCandidates(env: Environment, worldSize: number | undefined): RankCandidate[] {
  const isShared = worldSize !== undefined && worldSize > 1
  const always = [readSrun, readKubernetes, readTorchrun, readOpenMpi, readMpich]
  return (isShared ? [readSlurmArray, ...always, readGnuParallel] : always)
    .flatMap((read) => read(env) ?? [])
    .filter((candidate) => candidate.worldSize !== 1) // a single process shares nothing
    .map((candidate) => ({ ...candidate, worldSize: candidate.worldSize ?? worldSize }))
}

function describeCandidate({ source, rank, worldSize }: RankCandidate): string {
  return `${source} sets rank ${rank}${worldSize === undefined ? '' : ` of ${worldSize}`}`
}

function checkRank(rank: Rank): Rank {
  if (rank.rank >= rank.worldSize) {
    const title = rank.source === 'options' ? '"rank"' : rank.source
    throw new InputError(`${title} must be below ${rank.worldSize}; received ${rank.rank}`)
  }
  return rank
}

/** Ranks are positions in the array. An array with gaps, as when failed tasks are resubmitted, has no ranks. */
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
      `SLURM_ARRAY_TASK_ID is ${id} in an array with gaps (${count} tasks from ${min} to ${max}); ` +
        'pass "rank" and "worldSize"',
    )
  }
  return { source: 'the Slurm array', rank, worldSize }
}

/** The batch script itself has SLURM_PROCID 0 as well; only a step runs that many processes. */
function readSrun(env: Environment): RankCandidate | undefined {
  const rank = readInteger(env, 'SLURM_PROCID')
  if (rank === undefined) return undefined
  const tasks = readInteger(env, 'SLURM_NTASKS') ?? 1
  if (env.SLURM_STEP_ID === undefined && tasks > 1) {
    throw new InputError(
      `Slurm allocated ${tasks} tasks, but this process is not one of them; start it with srun`,
    )
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

/** PARALLEL_SEQ starts at 1. */
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
  const [set, unset] = rank === undefined ? [sizeName, rankName] : [rankName, sizeName]
  throw new InputError(`${set} is set but ${unset} is not; pass "rank" and "worldSize"`)
}

/** The value of a variable; undefined if it is unset or empty. */
function readInteger(env: Environment, name: string): number | undefined {
  const text = env[name]
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,9}$/.test(text)) {
    throw new InputError(`${name} must be an integer >= 0; received ${JSON.stringify(text)}`)
  }
  return Number(text)
}
