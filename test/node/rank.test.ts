/** Which of how many processes this is, by what those who start processes put into the environment. */

import { describe, expect, it } from 'vitest'
import { detectRank } from '../../src/node/index.ts'

const array = (
  id: number,
  min: number,
  max: number,
  step = 1,
  count = Math.floor((max - min) / step) + 1,
) => ({
  SLURM_ARRAY_TASK_ID: `${id}`,
  SLURM_ARRAY_TASK_MIN: `${min}`,
  SLURM_ARRAY_TASK_MAX: `${max}`,
  SLURM_ARRAY_TASK_STEP: `${step}`,
  SLURM_ARRAY_TASK_COUNT: `${count}`,
  SLURM_PROCID: '0', // tasks of an array have these too
  SLURM_NTASKS: '1',
})
const step = (rank: number, tasks: number) => ({
  SLURM_PROCID: `${rank}`,
  SLURM_NTASKS: `${tasks}`,
  SLURM_STEP_NUM_TASKS: `${tasks}`,
  SLURM_STEP_ID: '0',
})
const torchrun = (rank: number, size: number) => ({ RANK: `${rank}`, WORLD_SIZE: `${size}` })

describe('the rank is', () => {
  it.each<[string, Record<string, string>, { rank?: number; worldSize?: number }, [number, number, string]]>([
    ['0 of 1 where nobody says otherwise', { PATH: '/bin', RANK: '' }, {}, [0, 1, 'alone']],
    ['the place in a Slurm array', array(3, 0, 5), {}, [3, 6, 'the Slurm array']],
    ['so where it begins with 1', array(6, 1, 6), {}, [5, 6, 'the Slurm array']],
    ['so where it has a step', array(8, 2, 9, 3), {}, [2, 3, 'the Slurm array']],
    ["srun's", step(4, 6), {}, [4, 6, 'srun']],
    ['that of the step, not of the job', { ...step(1, 2), SLURM_NTASKS: '6' }, {}, [1, 2, 'srun']],
    [
      'that of an Indexed Job, told how many',
      { JOB_COMPLETION_INDEX: '2' },
      { worldSize: 3 },
      [2, 3, 'JOB_COMPLETION_INDEX'],
    ],
    ["torchrun's", torchrun(7, 8), {}, [7, 8, 'torchrun']],
    [
      "torchrun's within a batch script of Slurm",
      { ...torchrun(7, 8), SLURM_PROCID: '0', SLURM_NTASKS: '1' },
      {},
      [7, 8, 'torchrun'],
    ],
    ["Open MPI's", { OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '4' }, {}, [1, 4, 'Open MPI']],
    ["MPICH's", { PMI_RANK: '1', PMI_SIZE: '4' }, {}, [1, 4, 'MPICH']],
    ['what srun and PMI agree on', { ...step(1, 4), PMI_RANK: '1', PMI_SIZE: '4' }, {}, [1, 4, 'srun']],
    [
      "GNU parallel's, from 1, told how many",
      { PARALLEL_SEQ: '3' },
      { worldSize: 3 },
      [2, 3, 'GNU parallel'],
    ],
    [
      'none in GNU parallel otherwise: its jobs may be different models',
      { PARALLEL_SEQ: '3' },
      {},
      [0, 1, 'alone'],
    ],
    [
      'what is given, whatever the environment says',
      { ...torchrun(1, 2), ...step(3, 4), JOB_COMPLETION_INDEX: 'x' },
      { rank: 5, worldSize: 6 },
      [5, 6, '--rank'],
    ],
    ['0 of 1 if so many are wanted', {}, { worldSize: 1 }, [0, 1, 'alone']],
    [
      'as the environment says, if the number agrees',
      array(3, 0, 5),
      { worldSize: 6 },
      [3, 6, 'the Slurm array'],
    ],
  ])('%s', (_, env, given, [rank, worldSize, source]) => {
    expect(detectRank(env, given)).toEqual({ rank, worldSize, source })
  })
})

describe('what is not clear is refused in a sentence', () => {
  it.each<[string, Record<string, string>, { rank?: number; worldSize?: number }, string]>([
    ['a rank without a number of them', {}, { rank: 1 }, '--rank needs --world-size'],
    [
      'a number without a rank',
      {},
      { worldSize: 2 },
      '--world-size needs --rank, since nothing in the environment tells it',
    ],
    ['a rank too high', {}, { rank: 2, worldSize: 2 }, '--rank must be a rank below 2; received 2'],
    [
      'an index too high',
      { JOB_COMPLETION_INDEX: '4' },
      { worldSize: 3 },
      'JOB_COMPLETION_INDEX must be a rank below 3; received 4',
    ],
    [
      'an Indexed Job that does not say how many',
      { JOB_COMPLETION_INDEX: '2' },
      {},
      'JOB_COMPLETION_INDEX says rank 2, and not of how many: give --world-size',
    ],
    [
      'two that differ',
      { ...step(1, 2), ...torchrun(9, 16) },
      {},
      'srun says rank 1 of 2, and torchrun says rank 9 of 16: give --rank and --world-size',
    ],
    [
      'an array with gaps',
      array(3, 3, 7, 1, 2),
      {},
      'SLURM_ARRAY_TASK_ID is 3, of an array with gaps (2 tasks from 3 to 7): give --rank and --world-size',
    ],
    [
      'an array of several tasks each',
      { ...array(1, 0, 3), SLURM_NTASKS: '2' },
      {},
      'Slurm has allocated 2 tasks, and this is none of them: start it with srun',
    ],
    [
      'a step within an array',
      { ...array(1, 0, 3), ...step(0, 2) },
      {},
      'the Slurm array says rank 1 of 4, and srun says rank 0 of 2: give --rank and --world-size',
    ],
    [
      'a batch script of several tasks',
      { SLURM_PROCID: '0', SLURM_NTASKS: '6' },
      {},
      'Slurm has allocated 6 tasks, and this is none of them: start it with srun',
    ],
    [
      'half of torchrun',
      { RANK: '1' },
      {},
      'RANK is set, and WORLD_SIZE is not: give --rank and --world-size',
    ],
    [
      'the other half',
      { WORLD_SIZE: '2' },
      {},
      'WORLD_SIZE is set, and RANK is not: give --rank and --world-size',
    ],
    [
      'another number than the environment says',
      array(3, 0, 5),
      { worldSize: 8 },
      'the Slurm array says rank 3 of 6, and --world-size 8: give --rank too',
    ],
    [
      'what is no number',
      { RANK: 'two', WORLD_SIZE: '2' },
      {},
      'RANK must be a whole number; received "two"',
    ],
  ])('%s', (_, env, given, sentence) => {
    expect(() => detectRank(env, given)).toThrow(
      expect.objectContaining({ name: 'InputError', message: sentence }),
    )
  })
})
