/**
 * The files of a plan, made chunk by chunk by the engine, and written while the next chunk is made. In a folder the
 * config and the index come after them.
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
  /** All bytes are made, and the browser is closing the file. */
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
  place: SaveTarget,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<GenerationResult> {
  const started = performance.now()
  const { files } = plan
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const texts = place.kind === 'folder' ? createTextFiles(plan) : []
  const names = [...files, ...texts].map(({ name }) => name)
  const made = await (enginePromise ??= createEngine({ worker: createWorker, memory: computeEngineMemory() }))
  const destination = await openDestination(place, names, total)
  let done = 0
  let told = 0
  const count = async (bytes: number) => {
    signal.throwIfAborted()
    done += bytes
    if (performance.now() - told < REPORT_INTERVAL_MS) return
    told = performance.now()
    tell({ done, total })
    await yieldToEventLoop()
  }
  try {
    const finished: GenerationResult['files'][number][] = []
    for (const file of files) {
      const opened = await destination.open(file.name, file.bytes)
      try {
        await writePlannedFile(made, file, seed, opened, count)
        signal.throwIfAborted()
        tell({ done, total, isClosing: true })
        finished.push({ name: file.name, blob: await opened.finish() })
      } catch (error) {
        await opened.abort()
        throw error
      }
    }
    for (const { name, text } of texts) {
      const opened = await destination.open(name, text.length)
      await opened.write(new TextEncoder().encode(text), 0)
      await opened.finish()
    }
    return { files: finished, seconds: (performance.now() - started) / 1000, info: made.info }
  } catch (error) {
    await destination.rollback()
    throw error
  }
}

async function writePlannedFile(
  engine: Engine,
  file: PlannedFile,
  seed: string,
  opened: FileWriter,
  count: (bytes: number) => Promise<void>,
): Promise<void> {
  const buffers = lendBuffers(engine)
  async function* data() {
    for await (const { bytes } of generateChunks(engine, file, seed, buffers)) {
      yield bytes
      await count(bytes.length)
    }
  }
  try {
    await writeSafetensors(file, data(), (bytes, position) => opened.write(bytes, position))
  } finally {
    for (const buffer of buffers) buffer.release()
  }
}

/** Lets a message in, the one that cancels for example. */
function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
