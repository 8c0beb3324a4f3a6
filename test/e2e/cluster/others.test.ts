/** Ranks under GNU parallel and torchrun, and with the command that a Kubernetes Indexed Job runs in each pod. */

import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { init } from '../../../src/node/index.ts'
import { CLI_PATH, runSimdinit } from '../../support/run-simdinit.ts'
import { hashFiles, createModelFolder } from '../../support/folders.ts'
import { check } from './job.ts'

/** Whether a command runs. If it does not, throws where `required`, and warns otherwise. */
function isAvailable(required: boolean, command: string, ...args: string[]): boolean {
  const runs = spawnSync(command, args, { stdio: 'ignore' }).status === 0
  if (!runs && required)
    throw new Error(`SIMDINIT_CLUSTER is set, and "${command} ${args.join(' ')}" does not run`)
  if (!runs) console.warn(`no tests with ${command}: "${command} ${args.join(' ')}" does not run`)
  return runs
}

const required = Boolean(process.env.SIMDINIT_CLUSTER)
const MAX = 1000
const HOOK = resolve('test/support/kill-at.mjs')

async function prepare() {
  const cwd = createModelFolder()
  await init(join(cwd, 'model'), { out: join(cwd, 'alone'), maxShardSize: MAX })
  return { cwd, out: join(cwd, 'out'), expected: hashFiles(join(cwd, 'alone')) }
}

describe.skipIf(!isAvailable(required, 'parallel', '--version'))('GNU parallel', () => {
  const command = `"${process.execPath}" --import "${HOOK}" "${CLI_PATH}" init model --out out --max-shard-size ${MAX}`
  const run = (cwd: string, ...args: string[]) =>
    spawnSync(
      'parallel',
      ['-N0', '-j2', ...args, `${command} --world-size 4 --quiet`, ':::', '1', '2', '3', '4'],
      { cwd, encoding: 'utf8' },
    )

  it('gives each job its share of the files', async () => {
    const { cwd, out, expected } = await prepare()
    expect(run(cwd)).toMatchObject({ status: 0, stderr: '' })
    expect(hashFiles(out)).toEqual(expected)
  })

  it('reruns only the jobs that failed, with the same ranks', async () => {
    const { cwd, out, expected } = await prepare()
    const log = ['--joblog', 'log']
    const killed = spawnSync(
      'parallel',
      [
        '-N0',
        '-j2',
        ...log,
        `[ $PARALLEL_SEQ = 2 ] && export KILL_AT=8; ${command} --world-size 4 --quiet`,
        ':::',
        '1',
        '2',
        '3',
        '4',
      ],
      { cwd, encoding: 'utf8' },
    )
    expect(killed.status).toBe(1) // the number of failed jobs
    expect(hashFiles(out, { hidden: false })).not.toHaveProperty('simdinit.json')
    expect(run(cwd, ...log, '--resume-failed')).toMatchObject({ status: 0, stderr: '' })
    const runs = readFileSync(join(cwd, 'log'), 'utf8').trim().split('\n').slice(1)
    expect(runs.map((line) => line.split('\t')[0]).toSorted()).toEqual(['1', '2', '2', '3', '4'])
    expect(hashFiles(out)).toEqual(expected)
  })

  it('assigns no ranks when the jobs are different models', async () => {
    const { cwd } = await prepare()
    const each = `"${process.execPath}" "${CLI_PATH}" init model --quiet --out {}`
    expect(spawnSync('parallel', ['-j2', each, ':::', 'a', 'b'], { cwd }).status).toBe(0)
    expect(hashFiles(join(cwd, 'a'))).toEqual(hashFiles(join(cwd, 'b')))
    expect(hashFiles(join(cwd, 'a'))).toHaveProperty('simdinit.json')
  })
})

describe.skipIf(!isAvailable(false, 'torchrun', '--no_python', '--nproc_per_node=1', 'true'))(
  'torchrun',
  () => {
    it('gives each rank its share of the files, with examples/torchrun', async () => {
      const { cwd, out, expected } = await prepare()
      const env = {
        ...process.env,
        MODEL: join(cwd, 'model'),
        OUT: out,
        SIMDINIT: `${process.execPath} ${CLI_PATH}`,
        OPTIONS: `--max-shard-size ${MAX} --quiet`,
      }
      execFileSync(resolve('examples/torchrun/init.sh'), { cwd, env, stdio: 'ignore' })
      expect(hashFiles(out)).toEqual(expected)
    })
  },
)

describe.skipIf(!isAvailable(required, 'python3', '-c', 'import yaml'))('a Kubernetes Indexed Job', () => {
  const job = () =>
    JSON.parse(
      execFileSync(
        'python3',
        ['-c', 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)'],
        {
          input: readFileSync('examples/kubernetes/job.yaml'),
          encoding: 'utf8',
        },
      ),
    )

  it('from the example fits the schema of Kubernetes', () => {
    expect(check(job())).toEqual([])
  })

  it('has the same number of pods everywhere, and a volume that several nodes can share', () => {
    const { spec } = job()
    const [{ command, volumeMounts }] = spec.template.spec.containers
    expect(spec.completionMode).toBe('Indexed')
    expect(command[command.indexOf('--world-size') + 1]).toBe(String(spec.completions))
    expect(spec.backoffLimitPerIndex > 0 && spec.template.spec.restartPolicy).toBe('Never') // required by backoffLimitPerIndex
    const out = command[command.indexOf('--out') + 1]
    expect(volumeMounts.some(({ mountPath }: { mountPath: string }) => out.startsWith(`${mountPath}/`))).toBe(
      true,
    )
  })

  it('has a command that creates the checkpoint, run once for each index', async () => {
    const { cwd, out, expected } = await prepare()
    const { spec } = job()
    const [{ command }] = spec.template.spec.containers
    const args = command.slice(command.indexOf('init'))
    args[1] = 'model'
    args[args.indexOf('--out') + 1] = 'out'
    args.push('--max-shard-size', String(MAX), '--quiet')
    writeFileSync(join(cwd, 'args'), args.join(' '))
    const pods = Array.from({ length: spec.completions }, (_, index) =>
      runSimdinit(args, { cwd, prefix: ['env', `JOB_COMPLETION_INDEX=${index}`] }),
    )
    for (const pod of await Promise.all(pods)) expect(pod).toMatchObject({ code: 0, stderr: '' })
    expect(hashFiles(out)).toEqual(expected)
  })
})
