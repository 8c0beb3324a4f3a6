/**
 * How many values lie in each cell, where a cell is an upper half of the pattern of an f32: sign, exponent and seven
 * digits. One reading gives it whatever the range is, and histograms and distribution functions come from it, as
 * exact as 1 in 128; of bf16 and f8 a cell is a value.
 */

const INFINITY_BUCKET = 0x7f80
const floatValue = new Float32Array(1)
const floatBits = new Uint32Array(floatValue.buffer)

/** The least magnitude of a cell. */
function bucketMagnitude(cell: number): number {
  floatBits[0] = (cell & 0x7fff) << 16
  return floatValue[0]
}

/** Cells in which something is, in the order of their values: each has so many within half a width of its center. */
export interface Buckets {
  readonly centers: Float64Array
  readonly widths: Float64Array
  readonly counts: Float64Array
}

export interface Histogram {
  readonly low: number
  readonly high: number
  /** Of bins of the same width, from the lowest; values outside of them are in none. */
  readonly counts: readonly number[]
}

export class BucketCounter {
  /** By cell: of a few values, or of many. */
  private readonly sparseCounts = new Map<number, number>()
  private denseCounts: Float64Array | undefined

  /** `many`: of so many values that a counter for each cell is worth its memory. */
  constructor(many = false) {
    if (many) this.denseCounts = new Float64Array(65536)
  }

  /** So many values that are `value`. */
  add(value: number, count: number): void {
    floatValue[0] = value
    const cell = floatBits[0] >>> 16
    if (this.denseCounts) this.denseCounts[cell] += count
    else this.sparseCounts.set(cell, (this.sparseCounts.get(cell) ?? 0) + count)
  }

  /** Those of the values that are finite. */
  addFinite(values: Float32Array): void {
    for (const value of values) if (Number.isFinite(value)) this.add(value, 1)
  }

  /** Takes all that is in the counters of `tally`, and leaves them at 0. */
  drainCounters(counters: Uint32Array): void {
    const many = (this.denseCounts ??= new Float64Array(65536))
    for (let cell = 0; cell < counters.length; cell++) many[cell] += counters[cell]
    counters.fill(0)
  }

  /** `exact`: the values have no more digits than a cell. */
  toBuckets(exact: boolean): Buckets {
    const { sparseCounts, denseCounts } = this
    if (denseCounts) for (const [cell, count] of sparseCounts) denseCounts[cell] += count
    const counted = denseCounts
      ? listOccupiedBuckets(denseCounts)
      : Int32Array.from(sparseCounts.keys(), convertBucketOrder).toSorted()
    const cells = {
      centers: new Float64Array(counted.length),
      widths: new Float64Array(counted.length),
      counts: new Float64Array(counted.length),
    }
    for (let i = 0; i < counted.length; i++) {
      const cell = convertBucketOrder(counted[i])
      const magnitude = bucketMagnitude(cell)
      const width = bucketMagnitude(cell + 1) - magnitude
      const middle = exact || magnitude === 0 ? magnitude : magnitude + width / 2
      cells.centers[i] = cell < 0x8000 ? middle : -middle
      cells.widths[i] = width
      cells.counts[i] = denseCounts ? denseCounts[cell] : sparseCounts.get(cell)!
    }
    return cells
  }
}

/** A cell as an integer that rises with its values (-1 is the cell of -0), and back. */
function convertBucketOrder(cell: number): number {
  return cell >= 0 && cell < 0x8000 ? cell : 0x7fff - cell
}

/** Of the cells of numbers in which something is, in order. */
function listOccupiedBuckets(counts: Float64Array): Int32Array {
  const orders = new Int32Array(2 * INFINITY_BUCKET)
  let found = 0
  for (let order = -INFINITY_BUCKET; order < INFINITY_BUCKET; order++)
    if (counts[convertBucketOrder(order)] > 0) orders[found++] = order
  return orders.subarray(0, found)
}

/** Bins from `low` to `high`; a cell on the border of two is divided between them. */
export function computeHistogram(cells: Buckets, low: number, high: number, bins: number): Histogram {
  const shares = new Float64Array(bins)
  const scale = bins / (high - low)
  const place = (x: number) => Math.min(bins, Math.max(0, (x - low) * scale))
  for (let i = 0; i < cells.centers.length; i++) {
    const [from, to] = [cells.centers[i] - cells.widths[i] / 2, cells.centers[i] + cells.widths[i] / 2]
    if (to < low || from > high) continue
    const first = Math.min(bins - 1, Math.floor(place(from)))
    const last = Math.min(bins - 1, Math.floor(place(to)))
    for (let bin = first; bin <= last; bin++) {
      const within = Math.min(place(to), bin + 1) - Math.max(place(from), bin)
      shares[bin] += cells.counts[i] * (first === last ? 1 : within / (place(to) - place(from)))
    }
  }
  return { low, high, counts: Array.from(shares, Math.round) }
}

/** The value below which such a fraction lies, to within a cell. */
export function computeQuantile({ centers, counts }: Buckets, fraction: number): number {
  let left = fraction * sumCounts(counts)
  let i = 0
  while (i < counts.length - 1 && (left -= counts[i]) > 0) i++
  return centers[i]
}

/** The greatest distance between the distribution function of the values and `below`: Kolmogorov and Smirnov's D. */
export function computeKsDistance({ centers, counts }: Buckets, below: (x: number) => number): number {
  const total = sumCounts(counts)
  let sum = 0
  let most = 0
  for (let i = 0; i + 1 < centers.length; i++) {
    sum += counts[i]
    most = Math.max(most, Math.abs(sum / total - below((centers[i] + centers[i + 1]) / 2)))
  }
  return most
}

function sumCounts(counts: Float64Array): number {
  let total = 0
  for (let i = 0; i < counts.length; i++) total += counts[i]
  return total
}
