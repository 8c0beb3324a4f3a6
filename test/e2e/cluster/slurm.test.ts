/** Ranks on a real Slurm cluster of three nodes, with the scripts of examples/slurm. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { init, verify } from '../../../src/node/index.ts'
import { CLI_PATH } from '../../support/run-simdinit.ts'
import { hashFiles, createModelFolder } from '../../support/folders.ts'
import { startSlurm, whyNoSlurm, type Cluster } from './slurm.ts'

const why = whyNoSlurm()
if (why && process.env.SIMDINIT_CLUSTER)
  throw new Error(`SIMDINIT_CLUSTER is set, and there is no Slurm: ${why}`)
if (why) console.warn(`no Slurm, and no tests with it: ${why}`)

/** Splits the model into thirteen files. */
const OPTIONS = '--max-shard-size 1000 --backend js --json'
const ARRAY = resolve('examples/slurm/array.sh')
const SRUN = resolve('examples/slurm/srun.sh')
const NODES = ['n1', 'n2', 'n3']
const HOOK = resolve('test/support/kill-at.mjs')

describe.skipIf(why)('on three nodes of Slurm', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startSlurm()
  })
  afterAll(() => cluster?.stop())

  /**
   * A folder with a model, the files that one process generates, and a command for the examples, which runs the given
   * lines of shell first.
   */
  async function prepare(...lines: string[]) {
    const cwd = createModelFolder()
    await init(join(cwd, 'model'), { out: join(cwd, 'alone'), maxShardSize: 1000 })
    const command = join(cwd, 'command.sh')
    const run = `exec "${process.execPath}" --import "${HOOK}" "${CLI_PATH}" "$@"`
    writeFileSync(command, ['#!/bin/sh', ...lines, run, ''].join('\n'), { mode: 0o755 })
    const out = join(cwd, 'out')
    const job = `--export=ALL,MODEL=${cwd}/model,OUT=${out},SIMDINIT=${command},OPTIONS=${OPTIONS}`
    const args = [job, `--chdir=${cwd}`, `--output=${cwd}/log-%a`]
    return { cwd, out, expected: hashFiles(join(cwd, 'alone')), args }
  }

  const logs = (cwd: string) =>
    readdirSync(cwd)
      .filter((name) => name.startsWith('log-'))
      .map((name) => readFileSync(join(cwd, name), 'utf8'))

  const hasEnded = (job: string) => cluster.run('squeue', '--noheader', `--jobs=${job}`).trim() === ''

  it('six tasks of a job give the bytes of one process', async () => {
    const { cwd, out, expected, args } = await prepare('echo "$SLURM_NODEID $SLURM_PROCID" >> nodes')
    cluster.run('sbatch', '--wait', ...args, SRUN)
    expect(hashFiles(out), logs(cwd).join('\n')).toEqual(expected)
    const nodes = readFileSync(join(cwd, 'nodes'), 'utf8').trim().split('\n').toSorted()
    expect(nodes).toEqual(['0 0', '0 1', '1 2', '1 3', '2 4', '2 5'])
    expect((await verify(out)).differences).toEqual([])
  })

  it('the tasks of an array give them too, with any numbering', async () => {
    for (const array of ['0-4', '1-6', '2-9:3']) {
      const { cwd, out, expected, args } = await prepare()
      cluster.run('sbatch', '--wait', `--array=${array}`, ...args, ARRAY)
      expect(hashFiles(out), logs(cwd).join('\n')).toEqual(expected)
    }
  })

  it('a node that dies during its work is replaced', async () => {
    // each task stops midway in its first run, so that it is still running when its node dies
    const { cwd, out, expected, args } = await prepare(
      '[ $SLURM_ARRAY_TASK_ID -lt 3 ] && [ -z "$SLURM_RESTART_COUNT" ] && export KILL_AT=12 KILL_WITH=SIGSTOP',
      'echo "$SLURM_ARRAY_TASK_ID $SLURMD_NODENAME $SLURM_RESTART_COUNT" >> runs',
    )
    const submitted = cluster.run('sbatch', '--parsable', '--array=0-5', ...args, ARRAY).trim()
    const stopped = (node: string) => cluster.processes(node).filter(isStopped)
    await until('a task is stopped on each node', () => NODES.every((node) => stopped(node).length > 0))
    expect(readdirSync(out).some((name) => /^model.*\.safetensors$/.test(name))).toBe(true)
    cluster.kill('n3')
    for (const node of ['n1', 'n2']) for (const pid of stopped(node)) process.kill(pid, 'SIGCONT')
    await until('all have ended', () => hasEnded(submitted))
    expect(hashFiles(out), logs(cwd).join('\n')).toEqual(expected)
    const runs = readFileSync(join(cwd, 'runs'), 'utf8').trim().split('\n')
    expect(runs.filter((run) => / n[12] 1$/.test(run))).toHaveLength(1) // the task of n3, requeued
  })

  it('a cancelled task leaves no partial file, and one process generates the rest', async () => {
    const { cwd, out, expected, args } = await prepare(
      '[ $SLURM_ARRAY_TASK_ID = 1 ] && export KILL_AT=12 KILL_WITH=SIGSTOP',
    )
    const job = cluster.run('sbatch', '--parsable', '--array=0-2', ...args, ARRAY).trim()
    const stopped = () => NODES.flatMap(cluster.processes).filter(isStopped)
    await until('the task is stopped', () => stopped().length > 0)
    const [pid] = stopped()
    cluster.run('scancel', '--signal=TERM', '--batch', `${job}_1`)
    await until('the signal waits for it', () => {
      const [, pending] = /^ShdPnd:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!
      return (BigInt(`0x${pending}`) >> 14n) % 2n === 1n // SIGTERM is signal 15
    })
    process.kill(pid, 'SIGCONT')
    await until('all have ended', () => hasEnded(job))
    expect(logs(cwd).join('')).toContain('simdinit: interrupted; unfinished files were removed')
    expect(readdirSync(out).filter((name) => name.endsWith('.tmp'))).toEqual([])
    expect(existsSync(join(out, 'simdinit.json'))).toBe(false)
    expect(await init(join(cwd, 'model'), { out, maxShardSize: 1000 })).toMatchObject({ status: 'continued' })
    expect(hashFiles(out)).toEqual(expected)
  })

  it.each([
    [
      'an array with gaps',
      ['--array=3,7', ARRAY],
      /^simdinit: SLURM_ARRAY_TASK_ID is [37] in an array with gaps \(2 tasks from 3 to 7\); pass --rank and --world-size$/m,
    ],
    [
      'a batch script of several tasks that forgot srun',
      ['--ntasks=4', '--cpus-per-task=1', '--array=0', ARRAY],
      /^simdinit: Slurm allocated 4 tasks, but this process is not one of them; start it with srun$/m,
    ],
  ])('%s is rejected', async (_, more, sentence) => {
    const { cwd, out, args } = await prepare()
    expect(() => cluster.run('sbatch', '--wait', ...args, ...more)).toThrow(
      expect.objectContaining({ status: 2 }),
    )
    expect(logs(cwd).join('\n')).toMatch(sentence)
    expect(existsSync(out)).toBe(false)
  })
})

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries === 1200) throw new Error(`waited two minutes in vain: ${what}`)
    await sleep(100)
  }
}

function isStopped(pid: number): boolean {
  try {
    return /^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
