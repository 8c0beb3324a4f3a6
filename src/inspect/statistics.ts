/**
 * Statistics of a tensor in one reading: each chunk is passed over while it is in the cache, and its moments are
 * merged with those before by the formulas of Pébay, "Formulas for robust, one-pass parallel computation of covariances
 * and arbitrary-order statistical moments" (Sandia, 2008), so that nothing cancels. Where the chunks lie depends on
 * the tensor alone: the same bytes have the same statistics, in whatever file.
 */

import { STORED_BITS, type StoredDtype } from '../safetensors/reader.ts'
import { Cells } from './cells.ts'
import { CHUNK, type Passes } from './passes.ts'

/** Of so many values; all but the counts are of the finite ones, and NaN where there are none. */
export interface Statistics {
  readonly count: number
  readonly finite: number
  readonly mean: number
  /** Of the values that are there: divided by their number. */
  readonly std: number
  /** Of a normal it is 3. NaN where all values are one. */
  readonly kurtosis: number
  readonly min: number
  readonly max: number
  readonly zeros: number
  readonly nans: number
  readonly infinities: number
}

/** Moments about the mean, times the number of values. */
interface Moments {
  readonly finite: number
  readonly mean: number
  readonly second: number
  readonly third: number
  readonly fourth: number
}

/** So many values are counted sooner than all counters are read. */
const FEW = 512

const NOTHING: Moments = { finite: 0, mean: 0, second: 0, third: 0, fourth: 0 }

function merged(a: Moments, b: Moments): Moments {
  if (a.finite === 0) return b
  if (b.finite === 0) return a
  const n = a.finite + b.finite
  const d = b.mean - a.mean
  const [p, q] = [a.finite / n, b.finite / n]
  const ab = d * d * p * b.finite
  return {
    finite: n,
    mean: a.mean + d * q,
    second: a.second + b.second + ab,
    third: a.third + b.third + ab * d * (p - q) + 3 * d * (p * b.second - q * a.second),
    fourth:
      a.fourth +
      b.fourth +
      ab * d * d * (p * p - p * q + q * q) +
      6 * d * d * (p * p * b.second + q * q * a.second) +
      4 * d * (p * b.third - q * a.third),
  }
}

/** Gathers the elements of a tensor, piece by piece, of whatever length. */
export class Gatherer {
  private readonly passes: Passes
  private readonly dtype: StoredDtype
  private readonly width: number
  private readonly cells = new Cells()
  private moments = NOTHING
  private part = NOTHING
  /** Something is in the counters. */
  private tallied = false
  private held = 0
  private count = 0
  private zeros = 0
  private nans = 0
  private min = Infinity
  private max = -Infinity

  constructor(passes: Passes, dtype: StoredDtype) {
    this.passes = passes
    this.dtype = dtype
    this.width = STORED_BITS[dtype] / 8
  }

  /** `bytes` are whole elements. */
  add(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const some = Math.min(bytes.length - done, (CHUNK - this.held) * this.width)
      this.passes.load(this.dtype, bytes.subarray(done, done + some), this.held)
      this.held += some / this.width
      done += some
      if (this.held === CHUNK) this.pass()
    }
  }

  /** Ends a part: a text that is the same for parts of the same bytes, though not for those alone. */
  endPart(): string {
    this.pass()
    const { finite, mean, second, third, fourth } = this.part
    this.moments = merged(this.moments, this.part)
    this.part = NOTHING
    return [finite, mean, second, third, fourth].join()
  }

  /** Of all that was added. */
  get statistics(): Statistics {
    this.endPart()
    const { finite, mean, second, fourth } = this.moments
    const { count, zeros, nans } = this
    const none = finite === 0
    return {
      count,
      finite,
      mean: none ? NaN : mean,
      std: none ? NaN : Math.sqrt(second / finite),
      kurtosis: second > 0 ? (finite * fourth) / (second * second) : NaN,
      min: none ? NaN : this.min,
      max: none ? NaN : this.max,
      zeros,
      nans,
      infinities: count - finite - nans,
    }
  }

  /** The values by cell; call it last. */
  get values(): Cells {
    this.pass()
    if (this.tallied) this.cells.take(this.passes.counters)
    this.tallied = false
    return this.cells
  }

  private pass(): void {
    const { passes, held } = this
    if (held === 0) return
    this.held = 0
    const { sum, min, max, finite, zeros, nans } = passes.survey(held)
    this.count += held
    this.zeros += zeros
    this.nans += nans
    if (finite === 0) return
    this.min = Math.min(this.min, min)
    this.max = Math.max(this.max, max)
    if (min === max) {
      this.cells.add(min, finite)
      this.part = merged(this.part, { ...NOTHING, finite, mean: min })
      return
    }
    const mean = sum / finite
    const [second, third, fourth] = passes.powers(held, mean)
    this.part = merged(this.part, { finite, mean, second, third, fourth })
    if (held <= FEW) return this.cells.addEach(passes.values.subarray(0, held))
    passes.tally(held)
    this.tallied = true
    if (this.count % 2 ** 30 < held) this.cells.take(passes.counters) // before one overflows
  }
}
