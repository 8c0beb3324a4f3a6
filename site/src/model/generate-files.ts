/**
 * Generates the files of a plan in chunks; each chunk is written while the next one is computed. A folder also gets the
 * config and the index, which are written last.
 */

import { createEngine, type Engine, type EngineInfo } from 'simdinit'
import {
  generateChunks,
  computeEngineMemory,
  lendBuffers,
  type Plan,
  type PlannedFile,
} from 'simdinit/models'
import { writeSafetensors } from 'simdinit/safetensors'
import { openDestination, type FileWriter, type SaveTarget } from './save-targets.ts'
import { createTextFiles } from './plan-service.ts'

export interface Progress {
  readonly done: number
  readonly total: number
  /** All bytes are generated and the browser is closing the file. */
  readonly isClosing?: boolean
}

export interface GenerationResult {
  readonly files: readonly { readonly name: string; readonly blob: Blob }[]
  readonly seconds: number
  readonly info: EngineInfo
}

/** Milliseconds between two reports. */
const REPORT_INTERVAL_MS = 100

const createWorker = () => new Worker(new URL('simdinit/worker', import.meta.url), { type: 'module' })
let enginePromise: Promise<Engine> | undefined

export async function generate(
  plan: Plan,
  seed: string,
  target: SaveTarget,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<GenerationResult> {
  const started = performance.now()
  const { files } = plan
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const texts = target.kind === 'folder' ? createTextFiles(plan) : []
  const names = [...files, ...texts].map(({ name }) => name)
  const engine = await (enginePromise ??= createEngine({
    worker: createWorker,
    memory: computeEngineMemory(),
  }))
  const destination = await openDestination(target, names, total)
  let done = 0
  let reportedAt = 0
  const onBytes = async (bytes: number) => {
    signal.throwIfAborted()
    done += bytes
    if (performance.now() - reportedAt < REPORT_INTERVAL_MS) return
    reportedAt = performance.now()
    onProgress({ done, total })
    await yieldToEventLoop()
  }
  try {
    const finished: GenerationResult['files'][number][] = []
    for (const file of files) {
      const writer = await destination.open(file.name, file.bytes)
      try {
        await writePlannedFile(engine, file, seed, writer, onBytes)
        signal.throwIfAborted()
        onProgress({ done, total, isClosing: true })
        finished.push({ name: file.name, blob: await writer.finish() })
      } catch (error) {
        await writer.abort()
        throw error
      }
    }
    for (const { name, text } of texts) {
      const writer = await destination.open(name, text.length)
      await writer.write(new TextEncoder().encode(text), 0)
      await writer.finish()
    }
    return { files: finished, seconds: (performance.now() - started) / 1000, info: engine.info }
  } catch (error) {
    await destination.rollback()
    throw error
  }
}

async function writePlannedFile(
  engine: Engine,
  file: PlannedFile,
  seed: string,
  writer: FileWriter,
  onBytes: (bytes: number) => Promise<void>,
): Promise<void> {
  const buffers = lendBuffers(engine)
  async function* data() {
    for await (const { bytes } of generateChunks(engine, file, seed, buffers)) {
      yield bytes
      await onBytes(bytes.length)
    }
  }
  try {
    await writeSafetensors(file, data(), (bytes, position) => writer.write(bytes, position))
  } finally {
    for (const buffer of buffers) buffer.release()
  }
}

/** Lets messages arrive, for example the one that cancels. */
function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
