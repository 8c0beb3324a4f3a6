/**
 * The reference engine: the stream and its maps in plain JavaScript, a block at a time. It needs nothing of
 * its host and makes the same bytes as the kernels; they are checked against it. Each operation on f32 is
 * rounded by Math.fround, in the order of `docs/stream.md`.
 */

import { encodeAll, type TensorData } from '../dtypes.ts'
import { mapOf, type DrawnMap } from '../maps.ts'
import { tableByIndex } from '../quantile.ts'
import { BLOCK, laneState } from '../stream.ts'
import type { OrthogonalForm } from '../structured/forms.ts'
import { Xoshiro256PlusPlus } from '../xoshiro.ts'
import { isComputed, type Backend, type DrawnJob, type Making, type Stretch } from './backend.ts'
import { fillComputed } from './computed.ts'
import { makeOrthogonal } from './js-orthogonal.ts'

const round = Math.fround

export class JsBackend implements Backend {
  readonly name = 'js'
  readonly simd = false
  readonly threads = { count: 1, reason: 'one thread, since the js engine has no others' }

  private readonly draws = new Int32Array(BLOCK)
  private readonly values = new Float32Array(BLOCK)
  private readonly memory: number
  private buffer: ArrayBuffer | undefined

  constructor(memory: number) {
    this.memory = memory
  }

  async close() {}

  heap() {
    this.buffer ??= new ArrayBuffer(this.memory)
    return { buffer: this.buffer, start: 0, end: this.memory }
  }

  fill(stretch: Stretch): void {
    const { job, target } = stretch
    let { at, first } = stretch
    const { count } = stretch
    if (isComputed(job)) return fillComputed(this, stretch, job.map.formula)
    if (job.map.kind === 'constant') {
      target.fill(job.map.value, at, at + count)
      return
    }
    for (const end = first + count; first < end;) {
      const block = Math.floor(first / BLOCK)
      const from = first - block * BLOCK
      const to = Math.min(BLOCK, from + end - first)
      this.drawBlock(job.key, block, from, to)
      this.mapDraws(job, this.draws.subarray(from, to), target, at)
      at += to - from
      first += to - from
    }
  }

  orthogonal(key: Uint32Array, form: OrthogonalForm): Making {
    const job = { key, map: mapOf({ type: 'normal', mean: 0, std: 1 }, 'f32'), dtype: 'f32' } as const
    return makeOrthogonal(form, (first, count) => {
      const target = new Float32Array(count)
      this.fill({ job, target, at: 0, first, count })
      return target
    })
  }

  /** The map and cast of a job on draws that the caller supplies. */
  mapDraws({ map, dtype }: DrawnJob, draws: Int32Array, target: TensorData, at: number): void {
    if (map.kind === 'bits') {
      new Int32Array(target.buffer, target.byteOffset + 4 * at, draws.length).set(draws)
      return
    }
    const values = this.values.subarray(0, draws.length)
    mapValues(map, draws, values)
    encodeAll(dtype, values, target, at)
  }

  /** Draws [from, to) of a block, each to its own index. */
  private drawBlock(key: Uint32Array, block: number, from: number, to: number): void {
    const [firstStep, lastStep] = [from >> 3, (to + 7) >> 3]
    for (let lane = 0; lane < 4; lane++) {
      const generator = new Xoshiro256PlusPlus(laneState(key, block, lane))
      generator.skip(firstStep)
      generator.outputs(this.draws, 8 * firstStep + 2 * lane, 8, lastStep - firstStep)
    }
  }
}

/** f32 values of draws, not yet cast. */
function mapValues(map: Exclude<DrawnMap, { kind: 'bits' }>, draws: Int32Array, values: Float32Array): void {
  switch (map.kind) {
    case 'constant':
      values.fill(map.value)
      return
    case 'uniform':
      for (let i = 0; i < draws.length; i++)
        values[i] = round(round(floatOf(draws[i]) * map.scale) + map.mean)
      clamp(values, map.low, map.high)
      return
    case 'normal':
      for (let i = 0; i < draws.length; i++) values[i] = floatOf(draws[i])
      normal(values, map.scale, map.mean)
      return
    case 'truncatedSymmetric': {
      const { width, base } = map
      for (let i = 0; i < draws.length; i++) {
        const f = floatOf(draws[i])
        values[i] = round(round(f * width) + (f < 0 ? -base : base))
      }
      break
    }
    case 'truncated': {
      const { width, base, baseLower, upperDraws } = map
      for (let i = 0; i < draws.length; i++) {
        const upper = draws[i] >>> 0 < upperDraws
        const m = upper ? draws[i] : ~draws[i]
        const g = round(round(width * round(round(m >>> 1) + 0.5)) + (upper ? base : baseLower))
        values[i] = upper ? g : -g
      }
    }
  }
  normal(values, map.scale, map.mean)
  clamp(values, map.low, map.high)
}

/** f = RN(draw) + 0.5. */
function floatOf(draw: number): number {
  return round(round(draw) + 0.5)
}

/** q(f) scale + mean, in place; q as in `quantile.ts`. */
function normal(values: Float32Array, scale: number, mean: number): void {
  const table = tableByIndex()
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

function clamp(values: Float32Array, low: number, high: number): void {
  for (let i = 0; i < values.length; i++) {
    const v = values[i]
    values[i] = v < low ? low : v > high ? high : v
  }
}
