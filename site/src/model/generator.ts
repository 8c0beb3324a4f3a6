/**
 * The files of a plan, made chunk by chunk by the engine, and written while the next chunk is made. In a folder the
 * config and the index come after them.
 */

import { createEngine, type Engine, type EngineInfo } from 'simdinit'
import { chunksOf, engineMemory, lendBuffers, type Plan, type PlannedFile } from 'simdinit/models'
import { writeSafetensors } from 'simdinit/safetensors'
import { destinationOf, type Opened, type Place } from './places.ts'
import { textsOf } from './planner.ts'

export interface Progress {
  readonly done: number
  readonly total: number
  /** All bytes are made, and the browser is closing the file. */
  readonly closing?: boolean
}

export interface Generated {
  readonly files: readonly { readonly name: string; readonly blob: Blob }[]
  readonly seconds: number
  readonly info: EngineInfo
}

/** Milliseconds between two reports. */
const REPORT = 100

const worker = () => new Worker(new URL('simdinit/worker', import.meta.url), { type: 'module' })
let engine: Promise<Engine> | undefined

export async function generate(
  plan: Plan,
  seed: string,
  place: Place,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Generated> {
  const started = performance.now()
  const { files } = plan
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const texts = place.kind === 'folder' ? textsOf(plan) : []
  const names = [...files, ...texts].map(({ name }) => name)
  const made = await (engine ??= createEngine({ worker, memory: engineMemory() }))
  const destination = await destinationOf(place, names, total)
  let done = 0
  let told = 0
  const count = async (bytes: number) => {
    signal.throwIfAborted()
    done += bytes
    if (performance.now() - told < REPORT) return
    told = performance.now()
    tell({ done, total })
    await turn()
  }
  try {
    const finished: Generated['files'][number][] = []
    for (const file of files) {
      const opened = await destination.open(file.name, file.bytes)
      try {
        await write(made, file, seed, opened, count)
        signal.throwIfAborted()
        tell({ done, total, closing: true })
        finished.push({ name: file.name, blob: await opened.finish() })
      } catch (error) {
        await opened.abandon()
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
    await destination.undo()
    throw error
  }
}

async function write(
  engine: Engine,
  file: PlannedFile,
  seed: string,
  opened: Opened,
  count: (bytes: number) => Promise<void>,
): Promise<void> {
  const buffers = lendBuffers(engine)
  async function* data() {
    for await (const { bytes } of chunksOf(engine, file, seed, buffers)) {
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
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
