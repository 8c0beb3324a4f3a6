/**
 * Writes the checkpoint of a model: resolve, check the output folder, generate, complete.
 *
 * Several ranks each write their share of the files. They need not communicate, since the plan is a pure function;
 * the rank that finishes last completes the checkpoint.
 */

import { checkByteOrder } from '../numeric/byte-order.ts'
import { join } from 'node:path'
import { createEngine, type Engine } from '../index.ts'
import {
  CHUNK_BYTES,
  computeEngineMemory,
  type ManifestFile,
  type Plan,
  type PlannedFile,
} from '../models/index.ts'
import { compareFile } from './compare-regenerated.ts'
import { readDigestFile, writeDigestFile } from './digest-files.ts'
import { digestFile } from './digest.ts'
import { getFileSize } from './file-info.ts'
import { cleanUp, completeCheckpoint } from './complete-checkpoint.ts'
import { InitSummary, type TensorGroup } from './init-summary.ts'
import { checkOutputDir, type OutputDirState } from './output-dir.ts'
import { prepareOutputDir } from './prepare-output-dir.ts'
import { ProgressCounter } from './progress-counter.ts'
import { deleteFiles, listFilesToDelete } from './replace-checkpoint.ts'
import { resolveInit, type InitOptions, type InitRun } from './resolve-init.ts'
import { Hasher } from './sha256-worker.ts'
import { resolveFileThreads } from './default-threads.ts'
import { writeShard } from './write-shard.ts'

/** What `init` did. */
export interface InitResult {
  /**
   * 'complete': everything was present and correct before. 'continued': part of it was. 'written': none of it was.
   * 'partial': this rank's share is done, and other ranks still have files to write.
   */
  readonly status: 'written' | 'continued' | 'complete' | 'partial'
  /** The output folder. */
  readonly out: string
  /** The seed as text. */
  readonly seed: string
  /** The plan of the checkpoint. */
  readonly plan: Plan
  /** The weight files that are present, with the digests that this run has computed or read. */
  readonly files: readonly ManifestFile[]
  /** Names of the tokenizer and similar files that are copied from the model's folder. */
  readonly copied: readonly string[]
  /**
   * Names of such files that are not copied: links that lead out of the folder or nowhere, files over 256 MiB, and what
   * is not a file.
   */
  readonly leftOut: readonly string[]
  /** Names of the files that other ranks have yet to write. */
  readonly missing: readonly string[]
  /** Index of this process, from 0. */
  readonly rank: number
  /** Number of processes. */
  readonly worldSize: number
  /** The tensors that this run wrote, grouped by name, with their expected and measured standard deviations. */
  readonly kinds: readonly TensorGroup[]
  /** Duration of the run. */
  readonly seconds: number
  /** The engine that generated the values. */
  readonly backend: 'wasm' | 'js'
  /** The number of threads used. */
  readonly threads: number
}

/**
 * Writes the checkpoint of a model, or one rank's share of it: safetensors files, config.json, an index if there are
 * several files, and the manifest `simdinit.json`. A folder that contains part of the checkpoint is continued; a
 * complete one is checked by digest and left alone. A file has its final name only when it is complete and on the
 * disk.
 *
 * @param source A preset such as 'gpt2' (`PRESETS` of `simdinit/models`), the path of a config.json, or a folder that
 * contains one. Tokenizer files in such a folder are copied.
 * @param options Output folder, seed, dtype, recipe, ranks and more.
 * @returns What was written, with a summary per group of tensors.
 * @throws InputError, before anything is written or deleted, if the source, an option or the content of the output
 * folder prevents the run; TypeError or RangeError (both SimdinitError) for an option of the wrong kind or range; the
 * system's error if the disk fails; the reason of `signal` if the run is aborted.
 * @example
 * import { mkdtempSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { init } from 'simdinit/node'
 *
 * const out = join(mkdtempSync(join(tmpdir(), 'simdinit-')), 'tiny-gpt2')
 * const options = { out, seed: 42, set: ['n_layer=2', 'n_embd=24', 'vocab_size=1000'] }
 * const { status, files, plan } = await init('gpt2', options)
 * console.log(status, plan.parameters) // written 63072
 * console.log(files.map(({ name, bytes }) => `${name}: ${bytes} bytes`)) // [ 'model.safetensors: 254864 bytes' ]
 * console.log((await init('gpt2', options)).status) // complete
 */
export async function init(source: string, options: InitOptions = {}): Promise<InitResult> {
  checkByteOrder()
  const startTime = performance.now()
  const run = await resolveInit(source, options)
  const hasher = new Hasher(sumBytes(run.ownFiles)) // its thread starts while the engine does
  try {
    const engine = await createInitEngine(run, options)
    try {
      const outcome = await writeCheckpoint(run, options, engine, hasher)
      return createResult(run, outcome, engine, (performance.now() - startTime) / 1000)
    } finally {
      await engine.close()
    }
  } finally {
    void hasher.close()
  }
}

function createInitEngine({ chunkBytes }: InitRun, { backend, threads }: InitOptions): Promise<Engine> {
  const memory = computeEngineMemory(Math.max(chunkBytes, CHUNK_BYTES))
  return createEngine({ backend, threads: resolveFileThreads(threads), memory })
}

interface InitOutcome {
  readonly status: InitResult['status']
  /** SHA-256 of the weight files, by name, as far as they are known. */
  readonly digests: ReadonlyMap<string, string>
  readonly missing?: readonly string[]
  readonly groups?: readonly TensorGroup[]
}

async function writeCheckpoint(
  run: InitRun,
  options: InitOptions,
  engine: Engine,
  hasher: Hasher,
): Promise<InitOutcome> {
  const { out, spec, force } = run
  const total = sumBytes(run.filesToVerify)
  const progress = new ProgressCounter(total, options)
  const state = await checkOutput(run, engine, progress)
  if (state.conflict && !force) throw state.conflict
  if (isFinished(run, state)) {
    await cleanUp(out, spec.planDigest)
    return { status: 'complete', digests: state.verifiedDigests }
  }

  options.signal?.throwIfAborted()
  const filesToWrite = run.ownFiles.filter(({ name }) => !state.verifiedDigests.has(name))
  const bytes = sumBytes(filesToWrite)
  const toDelete = state.conflict ? listFilesToDelete(out, spec) : []
  const outputDir = await prepareOutputDir(out, spec.planDigest, bytes, toDelete)
  try {
    options.onStart?.({ files: filesToWrite.length, bytes, free: outputDir.free })
    deleteFiles(out, toDelete)
    progress.reset(total - bytes)
    const summary = new InitSummary()
    const digests = await writeShards(run, state, engine, hasher, summary, progress)
    return await complete(run, state, digests, summary)
  } finally {
    outputDir.release()
  }
}

/** Checks the output folder. A file with a recorded digest is hashed; any other is compared with its generated bytes. */
function checkOutput(run: InitRun, engine: Engine, progress: ProgressCounter): Promise<OutputDirState> {
  return checkOutputDir(run.out, run.spec, run.filesToVerify, async (path, file, recordedDigest) => {
    if (recordedDigest) {
      return (await digestFile(path, progress.add)) === recordedDigest ? recordedDigest : undefined
    }
    const { differences, digest } = await compareFile(engine, path, file, run.seed, progress.add)
    return differences.length === 0 ? digest : undefined
  })
}

/** Whether everything is present: this rank's files are verified, and the others have the right size. */
function isFinished(
  { out, spec, ownFiles }: InitRun,
  { isComplete, verifiedDigests }: OutputDirState,
): boolean {
  return (
    isComplete &&
    ownFiles.every(({ name }) => verifiedDigests.has(name)) &&
    spec.files.every(({ name, bytes }) => getFileSize(join(out, name)) === bytes)
  )
}

/** Writes this rank's files that are not present, and a digest file for each. Returns all digests that are known. */
async function writeShards(
  { out, spec, seed, ownFiles, cache, chunkBytes }: InitRun,
  { verifiedDigests }: OutputDirState,
  engine: Engine,
  hasher: Hasher,
  summary: InitSummary,
  progress: ProgressCounter,
): Promise<Map<string, string>> {
  const { planDigest } = spec
  const digests = new Map(verifiedDigests)
  const options = { chunkBytes, hasher, summary, cache, onBytes: progress.add }
  for (const file of ownFiles) {
    const digest =
      verifiedDigests.get(file.name) ?? (await writeShard(engine, out, file, planDigest, seed, options))
    digests.set(file.name, digest)
    if (readDigestFile(out, file.name, planDigest) !== digest)
      await writeDigestFile(out, file.name, planDigest, digest)
  }
  return digests
}

async function complete(
  { out, spec }: InitRun,
  { isComplete, verifiedDigests }: OutputDirState,
  digests: ReadonlyMap<string, string>,
  summary: InitSummary,
): Promise<InitOutcome> {
  const groups = summary.groups
  const { manifest, missing } = await completeCheckpoint(out, spec, digests)
  if (!manifest) return { status: 'partial', digests, missing, groups }
  return {
    status: verifiedDigests.size > 0 || isComplete ? 'continued' : 'written',
    digests: new Map(manifest.files.map(({ name, sha256 }) => [name, sha256])),
    groups,
  }
}

function createResult(
  { out, seed, plan, spec, leftOut, rank, worldSize }: InitRun,
  { status, digests, missing = [], groups = [] }: InitOutcome,
  { info }: Engine,
  seconds: number,
): InitResult {
  const files = spec.manifest.files.flatMap((file) => {
    const sha256 = digests.get(file.name)
    return sha256 === undefined ? [] : { ...file, sha256 }
  })
  const copied = spec.auxFiles.map(({ name }) => name)
  const { backend, threads } = info
  return {
    status,
    out,
    seed,
    plan,
    files,
    copied,
    leftOut,
    missing,
    rank,
    worldSize,
    kinds: groups,
    seconds,
    backend,
    threads,
  }
}

function sumBytes(files: Iterable<PlannedFile>): number {
  return [...files].reduce((sum, file) => sum + file.bytes, 0)
}
