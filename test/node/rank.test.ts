/** Detection of the rank from the environment that launchers set. */

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
    ['0 of 1 by default', { PATH: '/bin', RANK: '' }, {}, [0, 1, 'default']],
    [
      'the position in a Slurm array, with its size',
      array(3, 0, 5),
      { worldSize: 6 },
      [3, 6, 'the Slurm array'],
    ],
    ['the position in a Slurm array from 1', array(6, 1, 6), { worldSize: 6 }, [5, 6, 'the Slurm array']],
    [
      'the position in a Slurm array with a step',
      array(8, 2, 9, 3),
      { worldSize: 3 },
      [2, 3, 'the Slurm array'],
    ],
    ["srun's", step(4, 6), {}, [4, 6, 'srun']],
    ['that of the Slurm step, not of the job', { ...step(1, 2), SLURM_NTASKS: '6' }, {}, [1, 2, 'srun']],
    [
      'that of an Indexed Job, with a given world size',
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
      "GNU parallel's, which starts at 1, with a given world size",
      { PARALLEL_SEQ: '3' },
      { worldSize: 3 },
      [2, 3, 'GNU parallel'],
    ],
    [
      '0 of 1 in GNU parallel without a world size, since its jobs may be unrelated',
      { PARALLEL_SEQ: '3' },
      {},
      [0, 1, 'default'],
    ],
    [
      'the given one, whatever the environment contains',
      { ...torchrun(1, 2), ...step(3, 4), JOB_COMPLETION_INDEX: 'x' },
      { rank: 5, worldSize: 6 },
      [5, 6, 'options'],
    ],
    ['0 of 1 if the world size is 1', {}, { worldSize: 1 }, [0, 1, 'default']],
    [
      'that of the environment, if the given world size agrees',
      torchrun(3, 6),
      { worldSize: 6 },
      [3, 6, 'torchrun'],
    ],
    [
      '0 of 1 in a Slurm array without a world size, since its tasks may be unrelated',
      array(3, 0, 5),
      {},
      [0, 1, 'default'],
    ],
    ['0 of 1 in a Slurm array with gaps', array(3, 3, 7, 1, 2), {}, [0, 1, 'default']],
    ["srun's in a task of a Slurm array", { ...array(1, 0, 3), ...step(0, 2) }, {}, [0, 2, 'srun']],
    [
      '0 of 1 with a world size of 1',
      { ...array(1, 0, 3), PARALLEL_SEQ: '2' },
      { worldSize: 1 },
      [0, 1, 'default'],
    ],
  ])('%s', (_, env, given, [rank, worldSize, source]) => {
    expect(detectRank(env, given)).toEqual({ rank, worldSize, source })
  })
})

describe('an unclear rank is refused', () => {
  it.each<[string, Record<string, string>, { rank?: number; worldSize?: number }, string]>([
    ['a rank without a world size', {}, { rank: 1 }, '"rank" needs "worldSize"'],
    [
      'a world size without a rank',
      {},
      { worldSize: 2 },
      '"worldSize" needs "rank", which the environment does not set',
    ],
    ['a rank too high', {}, { rank: 2, worldSize: 2 }, '"rank" must be below 2; received 2'],
    [
      'an index too high',
      { JOB_COMPLETION_INDEX: '4' },
      { worldSize: 3 },
      'JOB_COMPLETION_INDEX must be below 3; received 4',
    ],
    [
      'an Indexed Job without a world size',
      { JOB_COMPLETION_INDEX: '2' },
      {},
      'JOB_COMPLETION_INDEX sets rank 2 but no world size; pass "worldSize"',
    ],
    [
      'two launchers that differ',
      { ...step(1, 2), ...torchrun(9, 16) },
      {},
      'srun sets rank 1 of 2 but torchrun sets rank 9 of 16; pass "rank" and "worldSize"',
    ],
    [
      'an array with gaps',
      array(3, 3, 7, 1, 2),
      { worldSize: 2 },
      'SLURM_ARRAY_TASK_ID is 3 in an array with gaps (2 tasks from 3 to 7); pass "rank" and "worldSize"',
    ],
    [
      'an array of several tasks each',
      { ...array(1, 0, 3), SLURM_NTASKS: '2' },
      {},
      'Slurm allocated 2 tasks, but this process is not one of them; start it with srun',
    ],
    [
      'a step within an array',
      { ...array(1, 0, 3), ...step(0, 2) },
      { worldSize: 4 },
      'the Slurm array sets rank 1 of 4 but srun sets rank 0 of 2; pass "rank" and "worldSize"',
    ],
    [
      'a batch script of several tasks',
      { SLURM_PROCID: '0', SLURM_NTASKS: '6' },
      {},
      'Slurm allocated 6 tasks, but this process is not one of them; start it with srun',
    ],
    [
      'RANK without WORLD_SIZE',
      { RANK: '1' },
      {},
      'RANK is set but WORLD_SIZE is not; pass "rank" and "worldSize"',
    ],
    [
      'WORLD_SIZE without RANK',
      { WORLD_SIZE: '2' },
      {},
      'WORLD_SIZE is set but RANK is not; pass "rank" and "worldSize"',
    ],
    [
      'a world size that differs from the environment',
      array(3, 0, 5),
      { worldSize: 8 },
      'the Slurm array sets rank 3 of 6 but "worldSize" is 8; pass "rank" too',
    ],
    [
      'a value that is not a number',
      { RANK: 'two', WORLD_SIZE: '2' },
      {},
      'RANK must be an integer >= 0; received "two"',
    ],
  ])('%s', (_, env, given, sentence) => {
    expect(() => detectRank(env, given)).toThrow(
      expect.objectContaining({ name: 'InputError', message: sentence }),
    )
  })
})
