/**
 * Orthogonal matrices by the kernels (assembly/orthogonal.ts): each is made in a memory of its own size, where this
 * thread and those of the pool do the steps. A small memory is kept for the next matrix.
 */

import { bitsOf } from '../dtypes.ts'
import { mapOf } from '../maps.ts'
import type { OrthogonalForm } from '../structured/forms.ts'
import type { Making } from './backend.ts'
import { Instance, MOST_PAGES, PAGE } from './instance.ts'
import type { Pool } from './pool.ts'

/** Elements from which other threads are worth their messages. */
const WORTH_SHARING = 1 << 16

/** Bytes of a memory that is kept. */
const KEPT = 2 ** 26

export class OrthogonalMaker {
  private readonly module: WebAssembly.Module
  private readonly main: Instance
  private readonly workers: number
  private readonly pool: Pool | undefined
  private spare: Instance | undefined

  constructor(module: WebAssembly.Module, main: Instance, workers: number, pool: Pool | undefined) {
    this.module = module
    this.main = main
    this.workers = workers
    this.pool = pool
  }

  make(key: Uint32Array, form: OrthogonalForm): Making {
    const { rows, columns } = form
    const { kernel, layout, heapStart } = this.main
    const data = kernel.dataBytes(rows, columns)
    const scratchBytes = Math.ceil(kernel.scratchBytes(rows) / 64) * 64
    const scratch = Math.ceil((heapStart + data) / 64) * 64
    const fitting = Math.floor((MOST_PAGES * PAGE - scratch) / scratchBytes)
    const threads = Math.min(this.workers + 1, fitting, Math.ceil(columns / layout.STRIP))
    const instance = this.take(scratch + threads * scratchBytes)
    const { memory, workspace } = instance

    instance.write({ key, map: mapOf({ type: 'normal', mean: 0, std: 1 }, 'f32'), dtype: 'f32' }, workspace)
    workspace[layout.ROWS / 4] = rows
    workspace[layout.COLUMNS / 4] = columns
    workspace[layout.TRANSPOSED / 4] = form.transposed ? 1 : 0
    workspace[layout.GAIN / 4] = bitsOf(form.gain)
    workspace[layout.DATA / 4] = heapStart
    const job = workspace.slice()
    const phases = [Math.ceil(columns / layout.PANEL), Math.ceil(columns / layout.STRIP)]
    const [panels, strips] = phases
    const share = (phase: number) =>
      threads > 1 && rows * columns >= WORTH_SHARING
        ? this.pool?.run('orthogonal', {
            job,
            memory,
            threads,
            scratch,
            scratchBytes,
            panels,
            strips,
            phase,
          })
        : undefined
    return {
      phases,
      share,
      step: (phase, index) =>
        phase === 0
          ? makePanel(instance, scratch, index)
          : makeStrip(instance, scratch, strips - 1 - index, panels), // those of the last columns take the longest
      get values() {
        return new Float32Array(memory.buffer, instance.kernel.resultAt(0), rows * columns)
      },
      release: () => {
        if (memory.buffer.byteLength <= KEPT) this.spare = instance
      },
    }
  }

  /** An instance with memory enough, which nobody else has. */
  private take(bytes: number): Instance {
    const { spare } = this
    this.spare = undefined
    if (spare && spare.memory.buffer.byteLength >= bytes) return spare
    return new Instance(this.module, bytes, this.workers)
  }
}

/** Elements' worth of a reflection of a strip by a panel: about a tenth of a millisecond with 2048 rows. */
const REFLECTION = 1 << 16

function* makePanel({ kernel }: Instance, scratch: number, panel: number): Iterable<number> {
  kernel.makePanel(0, scratch, panel)
  yield REFLECTION
}

function* makeStrip({ kernel, layout }: Instance, scratch: number, strip: number, panels: number) {
  kernel.startStrip(0, scratch, strip)
  const reached = ((strip + 1) * layout.STRIP) / layout.PANEL
  for (let panel = Math.min(panels, reached) - 1; panel >= 0; panel--) {
    kernel.reflect(0, scratch, strip, panel)
    yield REFLECTION
  }
  kernel.endStrip(0, scratch, strip)
}
