/**
 * Orthogonal matrices by the kernels (assembly/orthogonal.ts). Each is computed in an instance of its own, by this
 * thread and those of the pool.
 */

import { floatToBits } from '../numeric/dtypes.ts'
import { compileTransform } from '../distributions/transform.ts'
import type { OrthogonalSpec } from '../distributions/matrix-plan.ts'
import type { MatrixTask } from './types.ts'
import { MAX_PAGES, PAGE_BYTES, type KernelInstance } from './kernel-instance.ts'
import type { WorkerPool } from './worker-pool.ts'
import type { InstancePool } from './instance-pool.ts'

/** Elements from which on a matrix is worth messages to other threads. */
const SHARING_THRESHOLD_ELEMENTS = 1 << 16

export class OrthogonalTaskFactory {
  private readonly instancePool: InstancePool
  private readonly mainInstance: KernelInstance
  private readonly workers: number
  private readonly pool: WorkerPool | undefined

  constructor(
    instancePool: InstancePool,
    mainInstance: KernelInstance,
    workers: number,
    pool: WorkerPool | undefined,
  ) {
    this.instancePool = instancePool
    this.mainInstance = mainInstance
    this.workers = workers
    this.pool = pool
  }

  /** Undefined if the host has no memory for it. */
  createTask(key: Uint32Array, spec: OrthogonalSpec): MatrixTask | undefined {
    const { rows, columns } = spec
    const { kernel, kernelConstants, heapStart } = this.mainInstance
    const dataBytes = kernel.dataBytes(rows, columns)
    const scratchBytes = Math.ceil(kernel.scratchBytes(rows) / 64) * 64
    const scratch = Math.ceil((heapStart + dataBytes) / 64) * 64
    const maxThreads = Math.floor((MAX_PAGES * PAGE_BYTES - scratch) / scratchBytes)
    const threads = Math.min(this.workers + 1, maxThreads, Math.ceil(columns / kernelConstants.STRIP_WIDTH))
    const instance = this.instancePool.acquire(scratch + threads * scratchBytes)
    if (!instance) return undefined
    const { memory, workspace } = instance

    instance.writeJob(
      { key, transform: compileTransform({ type: 'normal', mean: 0, std: 1 }, 'f32'), dtype: 'f32' },
      workspace,
    )
    workspace[kernelConstants.ROWS / 4] = rows
    workspace[kernelConstants.COLUMNS / 4] = columns
    workspace[kernelConstants.TRANSPOSED / 4] = spec.transposed ? 1 : 0
    workspace[kernelConstants.GAIN / 4] = floatToBits(spec.gain)
    workspace[kernelConstants.DATA_ADDRESS / 4] = heapStart
    const job = workspace.slice()
    const phases = [
      Math.ceil(columns / kernelConstants.PANEL_WIDTH),
      Math.ceil(columns / kernelConstants.STRIP_WIDTH),
    ]
    const [panels, strips] = phases
    const dispatch = (phase: number) =>
      threads > 1 && rows * columns >= SHARING_THRESHOLD_ELEMENTS
        ? this.pool?.dispatch('orthogonal', {
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
      dispatch,
      runStep: (phase, index) =>
        phase === 0
          ? makePanel(instance, scratch, index)
          : makeStrip(instance, scratch, strips - 1 - index, panels), // the last columns take longest
      get values() {
        return new Float32Array(memory.buffer, instance.kernel.resultAddress(0), rows * columns)
      },
      release: () => this.instancePool.release(instance),
    }
  }
}

/** The cost of applying a panel to a strip, in elements' worth: about a tenth of a millisecond with 2048 rows. */
const REFLECTION_COST = 1 << 16

function* makePanel({ kernel }: KernelInstance, scratch: number, panel: number): Iterable<number> {
  kernel.makePanel(0, scratch, panel)
  yield REFLECTION_COST
}

function* makeStrip(
  { kernel, kernelConstants }: KernelInstance,
  scratch: number,
  strip: number,
  panels: number,
) {
  kernel.initStrip(0, scratch, strip)
  const panelCount = ((strip + 1) * kernelConstants.STRIP_WIDTH) / kernelConstants.PANEL_WIDTH
  for (let panel = Math.min(panels, panelCount) - 1; panel >= 0; panel--) {
    kernel.applyPanel(0, scratch, strip, panel)
    yield REFLECTION_COST
  }
  kernel.storeStrip(0, scratch, strip)
}
