/**
 * How many values lie in each cell, where a cell is an upper half of the pattern of an f32: sign, exponent and seven
 * digits. One reading gives it whatever the range is, and histograms and distribution functions come from it, as
 * exact as 1 in 128; of bf16 and f8 a cell is a value.
 */

const INFINITE = 0x7f80
const float = new Float32Array(1)
const pattern = new Uint32Array(float.buffer)

/** The least magnitude of a cell. */
function magnitudeOf(cell: number): number {
  pattern[0] = (cell & 0x7fff) << 16
  return float[0]
}

/** Values around `centre`, within half of `width` of it. */
export interface Cell {
  readonly centre: number
  readonly width: number
  readonly count: number
}

export interface Histogram {
  readonly low: number
  readonly high: number
  /** Of bins of the same width, from the lowest; values outside of them are in none. */
  readonly counts: readonly number[]
}

export class Cells {
  private readonly counts = new Map<number, number>()

  /** So many values that are `value`. */
  add(value: number, count: number): void {
    float[0] = value
    const cell = pattern[0] >>> 16
    this.counts.set(cell, (this.counts.get(cell) ?? 0) + count)
  }

  /** Those of the values that are finite. */
  addEach(values: Float32Array): void {
    for (const value of values) if (Number.isFinite(value)) this.add(value, 1)
  }

  /** Takes all that is in the counters of `tally`, and leaves them at 0. */
  take(counters: Uint32Array): void {
    for (let cell = 0; cell < counters.length; cell++) {
      if (counters[cell] === 0 || (cell & 0x7fff) >= INFINITE) continue
      this.counts.set(cell, (this.counts.get(cell) ?? 0) + counters[cell])
    }
    counters.fill(0)
  }

  /** The cells in which something is, in the order of their values. `exact`: the values have no more digits. */
  list(exact: boolean): Cell[] {
    const cells = Array.from(this.counts, ([cell, count]) => {
      const magnitude = magnitudeOf(cell)
      const width = magnitudeOf(cell + 1) - magnitude
      const middle = exact || magnitude === 0 ? magnitude : magnitude + width / 2
      return { centre: cell < 0x8000 ? middle : -middle, width, count }
    })
    return cells.toSorted((a, b) => a.centre - b.centre)
  }
}

/** Bins from `low` to `high`; a cell on the border of two is divided between them. */
export function histogram(cells: readonly Cell[], low: number, high: number, bins: number): Histogram {
  const counts = Array.from({ length: bins }, () => 0)
  const scale = bins / (high - low)
  const place = (x: number) => Math.min(bins, Math.max(0, (x - low) * scale))
  for (const { centre, width, count } of cells) {
    if (centre + width / 2 < low || centre - width / 2 > high) continue
    const from = place(centre - width / 2)
    const to = place(centre + width / 2)
    const first = Math.min(bins - 1, Math.floor(from))
    const last = Math.min(bins - 1, Math.floor(to))
    for (let bin = first; bin <= last; bin++) {
      const share = first === last ? 1 : (Math.min(to, bin + 1) - Math.max(from, bin)) / (to - from)
      counts[bin] += count * share
    }
  }
  return { low, high, counts: counts.map(Math.round) }
}

/** The value below which such a fraction lies, to within a cell. */
export function quantile(cells: readonly Cell[], fraction: number): number {
  let left = fraction * cells.reduce((sum, { count }) => sum + count, 0)
  const cell = cells.find(({ count }) => (left -= count) <= 0)
  return (cell ?? cells[cells.length - 1]).centre
}

/** The greatest distance between the distribution function of the values and `below`: Kolmogorov and Smirnov's D. */
export function distance(cells: readonly Cell[], below: (x: number) => number): number {
  const total = cells.reduce((sum, { count }) => sum + count, 0)
  let sum = 0
  let most = 0
  for (let i = 0; i + 1 < cells.length; i++) {
    sum += cells[i].count
    const edge = (cells[i].centre + cells[i + 1].centre) / 2
    most = Math.max(most, Math.abs(sum / total - below(edge)))
  }
  return most
}
