/**
 * The reference backend: the stream and its transforms in plain JavaScript, a block at a time. It needs nothing from
 * its host. The kernels produce the same bytes and are tested against it. Each operation on f32 is rounded by
 * Math.fround, in the order of `docs/reference/stream.md`.
 */

import { encodeAll, type TensorData } from '../numeric/dtypes.ts'
import type { SampledTransform } from '../distributions/transform.ts'
import { getIndexedTable } from '../numeric/normal-quantile.ts'
import { BLOCK_SIZE, seedLane } from '../rng/stream.ts'
import type { OrthogonalSpec } from '../distributions/matrix-plan.ts'
import { Xoshiro256PlusPlus } from '../rng/xoshiro.ts'
import {
  isFormulaJob,
  type Backend,
  type ElementRange,
  type MatmulSize,
  type MatrixTask,
  type SampledJob,
} from './types.ts'
import { fillFormula } from './formula-fill.ts'
import { createOrthogonalTask } from './js-orthogonal.ts'
import { matmulJs } from './matmul.ts'

const round = Math.fround

export class JsBackend implements Backend {
  readonly name = 'js'
  readonly simd = false
  readonly threads = { count: 1, reason: 'one thread, because the js backend has no others' }

  private readonly draws = new Int32Array(BLOCK_SIZE)
  private readonly values = new Float32Array(BLOCK_SIZE)
  private readonly memoryBytes: number
  private buffer: ArrayBuffer | undefined

  constructor(memoryBytes: number) {
    this.memoryBytes = memoryBytes
  }

  async close() {}

  freeMemory() {
    this.buffer ??= new ArrayBuffer(this.memoryBytes)
    return { buffer: this.buffer, start: 0, end: this.memoryBytes }
  }

  fill(range: ElementRange): void {
    const { job, target, count } = range
    let { targetOffset, first } = range
    if (isFormulaJob(job)) return fillFormula(this, range, job.transform.formula)
    if (job.transform.kind === 'constant') {
      target.fill(job.transform.value, targetOffset, targetOffset + count)
      return
    }
    for (const end = first + count; first < end;) {
      const block = Math.floor(first / BLOCK_SIZE)
      const start = first - block * BLOCK_SIZE
      const stop = Math.min(BLOCK_SIZE, start + (end - first)) // start + end may exceed 2^53
      this.drawBlock(job.key, block, start, stop)
      this.applyTransform(job, this.draws.subarray(start, stop), target, targetOffset)
      targetOffset += stop - start
      first += stop - start
    }
  }

  createOrthogonalTask(key: Uint32Array, spec: OrthogonalSpec): MatrixTask {
    return createOrthogonalTask(this, key, spec)
  }

  matmul(a: Float32Array, b: Float32Array, size: MatmulSize): Float32Array<ArrayBuffer> {
    return matmulJs(a, b, size)
  }

  /** Transforms and encodes the given draws as a job does. */
  applyTransform(
    { transform, dtype }: SampledJob,
    draws: Int32Array,
    target: TensorData,
    offset: number,
  ): void {
    if (transform.kind === 'bits') {
      new Int32Array(target.buffer, target.byteOffset + 4 * offset, draws.length).set(draws)
      return
    }
    const values = this.values.subarray(0, draws.length)
    transformDraws(transform, draws, values)
    encodeAll(dtype, values, target, offset)
  }

  /** Generates draws [start, stop) of a block, each at its own index. */
  private drawBlock(key: Uint32Array, block: number, start: number, stop: number): void {
    const [firstStep, lastStep] = [start >> 3, (stop + 7) >> 3]
    for (let lane = 0; lane < 4; lane++) {
      const generator = new Xoshiro256PlusPlus(seedLane(key, block, lane))
      generator.skip(firstStep)
      generator.writeOutputs(this.draws, 8 * firstStep + 2 * lane, 8, lastStep - firstStep)
    }
  }
}

/** The f32 values of draws, not yet encoded. */
function transformDraws(
  transform: Exclude<SampledTransform, { kind: 'bits' }>,
  draws: Int32Array,
  values: Float32Array,
): void {
  switch (transform.kind) {
    case 'constant':
      values.fill(transform.value)
      return
    case 'uniform':
      for (let i = 0; i < draws.length; i++)
        values[i] = round(round(drawToFloat(draws[i]) * transform.scale) + transform.mean)
      clampValues(values, transform.low, transform.high)
      return
    case 'normal':
      for (let i = 0; i < draws.length; i++) values[i] = drawToFloat(draws[i])
      applyNormal(values, transform.scale, transform.mean)
      return
    case 'truncatedSymmetric': {
      const { width, base } = transform
      for (let i = 0; i < draws.length; i++) {
        const f = drawToFloat(draws[i])
        values[i] = round(round(f * width) + (f < 0 ? -base : base))
      }
      break
    }
    case 'truncated': {
      const { width, base, baseLower, upperDraws } = transform
      for (let i = 0; i < draws.length; i++) {
        const upper = draws[i] >>> 0 < upperDraws
        const m = upper ? draws[i] : ~draws[i]
        const g = round(round(width * round(round(m >>> 1) + 0.5)) + (upper ? base : baseLower))
        values[i] = upper ? g : -g
      }
    }
  }
  applyNormal(values, transform.scale, transform.mean)
  clampValues(values, transform.low, transform.high)
}

/** f = RN(draw) + 0.5. */
function drawToFloat(draw: number): number {
  return round(round(draw) + 0.5)
}

/** q(f) scale + mean, in place; q as in `normal-quantile.ts`. */
function applyNormal(values: Float32Array, scale: number, mean: number): void {
  const table = getIndexedTable()
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < values.length; i++) {
    const f = values[i]
    const h = bits[i] >>> 16
    bits[i] &= 0xffff0000
    const a = table[2 * h]
    const D = round(table[2 * h + 1] * round(f - values[i]))
    const q = round(a + round(D * round(1 + round(a * D))))
    values[i] = round(round(q * scale) + mean)
  }
}

function clampValues(values: Float32Array, low: number, high: number): void {
  for (let i = 0; i < values.length; i++) {
    const v = values[i]
    values[i] = v < low ? low : v > high ? high : v
  }
}
