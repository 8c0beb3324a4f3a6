/**
 * Statistics of a tensor in one reading. Each chunk of values is passed over once while it is in the cache: sums of
 * powers about a first value, from which the moments follow, and those are merged with those before. Of a large tensor
 * of 16 bits the patterns are counted, and everything follows from the counts. Where the chunks lie depends on the
 * tensor alone: the same bytes have the same statistics, in whatever file.
 */

import { STORED_BITS, type StoredDtype } from '../safetensors/reader.ts'
import { CellCounts } from './cells.ts'
import { isFar, merged, momentsAbout, momentsOf, NOTHING } from './moments.ts'
import { CHUNK, type Passes } from './passes.ts'
import { tableOf16 } from './widen.ts'

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

/** So many values are counted sooner than all counters are read. */
const FEW = 512

/** So many elements of a part are counted by their patterns: reading all counters takes less than they do. */
const MANY = 2 ** 18

/** So many counts fit a counter. */
const MOST = 2 ** 30

/** Gathers the elements of a tensor, piece by piece, of whatever length. */
export class Gatherer {
  private readonly passes: Passes
  private readonly dtype: StoredDtype
  private readonly width: number
  /** The values of all patterns, if those are counted. */
  private readonly table: Float32Array | undefined
  private readonly cells: CellCounts
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

  /** Of parts of so many elements. */
  constructor(passes: Passes, dtype: StoredDtype, elements = 0) {
    this.passes = passes
    this.dtype = dtype
    this.width = STORED_BITS[dtype] / 8
    this.table = elements < MANY ? undefined : tableOf16(dtype)
    this.cells = new CellCounts(this.table !== undefined)
  }

  /** `bytes` are whole elements. */
  add(bytes: Uint8Array): void {
    const most = this.table ? MOST : CHUNK
    for (let done = 0; done < bytes.length;) {
      const some = bytes.subarray(done, done + (most - this.held) * this.width)
      if (this.table) this.passes.tally16(some)
      else this.passes.load(this.dtype, some, this.held)
      this.held += some.length / this.width
      done += some.length
      if (this.held === most) this.pass()
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
  get values(): CellCounts {
    this.pass()
    if (this.tallied) this.cells.take(this.passes.counters)
    this.tallied = false
    return this.cells
  }

  private pass(): void {
    const { held, table } = this
    if (held === 0) return
    this.held = 0
    this.count += held
    if (table) this.passPatterns(table)
    else if (isConstant(this.passes.values, held)) this.passConstant(this.passes.values[0] + 0, held) // no -0
    else this.passValues(held)
  }

  /** One counter would wait for itself again and again. */
  private passConstant(value: number, count: number): void {
    this.see(value, value, value === 0 ? count : 0)
    this.cells.add(value, count)
    this.part = merged(this.part, { ...NOTHING, finite: count, mean: value })
  }

  private passValues(held: number): void {
    const { passes } = this
    const { values } = passes
    const few = held <= FEW
    const small = smallest(passes.counters)
    let count = held
    let gathered = passes.gather(count, values[0], !few)
    if (few) this.cells.addEach(values.subarray(0, held))
    else this.tallied = true
    const zeros = few || smallest(passes.counters) > small ? zerosIn(values, held) : 0
    if (this.count % MOST < held) this.cells.take(passes.counters) // before one overflows
    if (!Number.isFinite(gathered.sums[3])) {
      count = this.leaveFinite(held)
      if (count === 0) return
      gathered = passes.gather(count, values[0], false)
    }
    this.see(gathered.min, gathered.max, zeros)
    let [centre, { sums }] = [values[0], gathered]
    if (isFar(count, sums)) {
      centre = Math.fround(centre + sums[0] / count)
      sums = passes.gather(count, centre, false).sums
    }
    this.part = merged(this.part, momentsAbout(centre, count, sums))
  }

  /** Moves the finite values to the front, counts the NaN, and returns how many are left. */
  private leaveFinite(held: number): number {
    const { values } = this.passes
    let left = 0
    for (let i = 0; i < held; i++) {
      if (Number.isFinite(values[i])) values[left++] = values[i]
      else if (Number.isNaN(values[i])) this.nans++
    }
    return left
  }

  private passPatterns(table: Float32Array): void {
    const { counters } = this.passes
    const values: number[] = []
    const counts: number[] = []
    let [min, max, zeros] = [Infinity, -Infinity, 0]
    for (let pattern = 0; pattern < counters.length; pattern++) {
      const count = counters[pattern]
      if (count === 0) continue
      const value = table[pattern]
      if (Number.isNaN(value)) this.nans += count
      if (!Number.isFinite(value)) continue
      if (value === 0) zeros += count
      if (value < min) min = value
      if (value > max) max = value
      values.push(value)
      counts.push(count)
      this.cells.add(value, count)
    }
    counters.fill(0)
    this.see(min + 0, max + 0, zeros) // no -0
    this.part = merged(this.part, momentsOf(values, counts))
  }

  private see(min: number, max: number, zeros: number): void {
    this.min = Math.min(this.min, min)
    this.max = Math.max(this.max, max)
    this.zeros += zeros
  }
}

/** How many were counted in the cells of 0 and -0, which hold the least subnormals too. */
function smallest(counters: Uint32Array): number {
  return counters[0] + counters[0x8000]
}

function zerosIn(values: Float32Array, count: number): number {
  let zeros = 0
  for (let i = 0; i < count; i++) if (values[i] === 0) zeros++
  return zeros
}

function isConstant(values: Float32Array, count: number): boolean {
  let same = 1
  while (same < count && values[same] === values[0]) same++
  return same === count && Number.isFinite(values[0])
}
