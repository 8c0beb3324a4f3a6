/**
 * A real Slurm cluster of three nodes on this machine, all of it in one folder: munge, a controller and three
 * slurmd with their own names. Needs Debian's slurmctld, slurmd, slurm-client, slurm-wlm-basic-plugins and munge, and
 * root; no systemd and no cgroups.
 */

import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Cluster {
  readonly folder: string
  /** Runs one of Slurm's commands and returns its standard output. Throws if it fails. */
  readonly run: (command: string, ...args: string[]) => string
  /** The processes of the jobs on a node. */
  readonly processes: (node: string) => number[]
  /** Ends a node like a power cut: kills its slurmd and all processes it has started. */
  readonly kill: (node: string) => void
  readonly stop: () => void
}

/** Why a cluster cannot run here; undefined if it can. */
export function whyNoSlurm(): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root'
  const missing = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'srun'].filter(
    (command) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${command}`]).status !== 0,
  )
  return missing.length === 0 ? undefined : `${missing.join(', ')} not found`
}

export async function startSlurm(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'simdinit-slurm-'))
  for (const name of ['run', 'key', 'state', 'spool', 'log']) mkdirSync(join(folder, name), { mode: 0o700 })
  const conf = join(folder, 'slurm.conf')
  writeFileSync(join(folder, 'key', 'munge.key'), randomBytes(1024), { mode: 0o400 })
  const base = 20_000 + (process.pid % 10_000)
  writeFileSync(conf, configuration(folder, base))
  const env = { ...process.env, SLURM_CONF: conf, PATH: `${process.env.PATH}:/usr/sbin` }
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { env, cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

  const daemons = new Map<string, ChildProcess>()
  const start = (name: string, command: string, ...args: string[]) => {
    daemons.set(name, spawn(command, args, { env, stdio: 'ignore' }))
  }
  const at = (...path: string[]) => join(folder, ...path)
  const stop = () => {
    spawnSync('scancel', ['--user=root'], { env, stdio: 'ignore' })
    for (const [name, { pid }] of daemons) end([pid as number, ...processesOf(name, conf)])
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
  try {
    start(
      'munged',
      'munged',
      '--foreground',
      '--force',
      `--key-file=${at('key', 'munge.key')}`,
      `--socket=${at('run', 'munge.socket')}`,
      `--pid-file=${at('run', 'munged.pid')}`,
      `--log-file=${at('log', 'munged.log')}`,
      `--seed-file=${at('run', 'munge.seed')}`,
    )
    start('slurmctld', 'slurmctld', '-D', '-f', conf, '-c')
    for (const node of ['n1', 'n2', 'n3']) start(node, 'slurmd', '-D', '-f', conf, '-N', node)
    for (let tries = 0; idle(env) < 3; tries++) {
      if (tries === 300) {
        const logs = readdirSync(at('log')).map((name) => readFileSync(at('log', name), 'utf8'))
        throw new Error(`the cluster did not come up:\n${logs.join('\n')}`)
      }
      await sleep(100)
    }
  } catch (error) {
    stop()
    throw error
  }
  const kill = (node: string) => end([daemons.get(node)?.pid as number, ...processesOf(node, conf)])
  return { folder, run, processes: (node) => processesOf(node, conf), kill, stop }
}

function idle(env: NodeJS.ProcessEnv): number {
  const { stdout } = spawnSync('sinfo', ['-h', '-N', '-t', 'idle'], { env, encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean).length
}

/** Processes of a node: its jobs, and the slurmstepd above them, which are detached from slurmd. */
function processesOf(node: string, conf: string): number[] {
  const found = new Set<number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const environment = read(`/proc/${name}/environ`).split('\0')
    if (!environment.includes(`SLURMD_NODENAME=${node}`) || !environment.includes(`SLURM_CONF=${conf}`))
      continue
    found.add(Number(name))
    const parent = /^PPid:\t(\d+)$/m.exec(read(`/proc/${name}/status`))?.[1]
    if (read(`/proc/${parent}/comm`).startsWith('slurmstepd')) found.add(Number(parent))
  }
  return [...found]
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // the process has ended
  }
}

function end(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // the process has ended
    }
  }
}

/** Private ports; no accounting, no cgroups; credentials expire soon, since a requeue waits for that (two minutes by default). */
function configuration(folder: string, port: number): string {
  const host = hostname().split('.')[0]
  return `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/run/munge.socket,cred_expire=5
CredType=cred/munge
SlurmctldPort=${port}
SlurmdPort=${port + 1}
SlurmctldPidFile=${folder}/run/slurmctld.pid
SlurmdPidFile=${folder}/run/slurmd-%n.pid
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool/%n
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2
ReturnToService=2
SlurmdParameters=config_overrides
MailProg=/bin/true
MaxArraySize=1001
SlurmctldTimeout=30
SlurmdTimeout=10
KillWait=5
MinJobAge=60
JobRequeue=1
NodeName=n[1-3] NodeHostname=${host} NodeAddr=127.0.0.1 Port=[${port + 2}-${port + 4}] CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`
}
