/**
 * A sample of a distribution, collected piece by piece without storing values, and its tests: moments, the statistics
 * of Kolmogorov and Smirnov and of Anderson and Darling, chi-squares, tails, correlations. Every finding has the
 * probability p of one at least as extreme by chance.
 *
 * Values fall into 2^16 fine cells: of equal width for f32, one per bit pattern for 16 bits, so that all figures of
 * cells are exact for the stored values. Within a cell of f32, figures (a moment, the distribution function between
 * its edges) use the middle of the cell or interpolate.
 */

import { decode, type TensorData } from '../../src/numeric/dtypes.ts'
import type { ReferenceDistribution } from './reference-distributions.ts'
import {
  andersonDarlingPValue,
  binomialPValue,
  chiSquarePValue,
  kolmogorovPValue,
  normalPValue,
} from './significance.ts'

export interface Finding {
  group: Group
  label: string
  value: number
  p: number
}

export const GROUPS = [
  'moments',
  'Kolmogorov and Smirnov',
  'Anderson and Darling',
  'chi-square',
  'tails',
  'lags',
  'pairs',
  'p-values of pieces',
] as const
export type Group = (typeof GROUPS)[number]

/** Lags of lanes, steps and blocks: adjacent values, one step of all lanes, one block of 8192. */
export const LAGS = [...Array.from({ length: 16 }, (_, i) => i + 1), 8191, 8192, 8193]
/** The halves of one output, adjacent lanes, a lane's next output, and the next block's. */
export const PAIRS = [1, 2, 8, 8192]

const CELL_COUNT = 2 ** 16
const PAIR_BINS = 64
const MAX_GROUPS = 1024

export class Sample {
  readonly reference: ReferenceDistribution
  /** For each fine cell: its probability, a value in it, and the number of values that fell into it. */
  readonly probabilities = new Float64Array(CELL_COUNT)
  readonly values = new Float64Array(CELL_COUNT)
  readonly counts = new Float64Array(CELL_COUNT)
  /** p-values of single pieces, by statistic: from 'exact' pieces only, except for chi-square. */
  readonly chunkPValues: Record<'KS' | 'AD' | 'chi-square', number[]> = { KS: [], AD: [], 'chi-square': [] }
  size = 0

  private readonly mean: number
  private readonly std: number
  /** Moments of order 1 to 8 of the standardized distribution, and sums over the sample of order 1 to 4. */
  private readonly expectedMoments: number[]
  private readonly sums = [0, 0, 0, 0]
  private readonly lagProducts = LAGS.map(() => 0)
  private readonly lagProductCounts = LAGS.map(() => 0)
  private readonly pairCounts = PAIRS.map(() => new Float64Array(PAIR_BINS * PAIR_BINS))
  /** The coarse cell of each fine one: for chi-square of a piece, and for pairs. */
  private readonly groupOfCell = new Uint16Array(CELL_COUNT)
  private readonly pairBinOfCell = new Uint8Array(CELL_COUNT)

  constructor(law: ReferenceDistribution) {
    this.reference = law
    this.computeCells()
    const p = this.probabilities
    const average = (f: (x: number) => number) =>
      p.reduce((sum, q, i) => (q > 0 ? sum + q * f(this.values[i]) : sum), 0)
    this.mean = average((x) => x)
    this.std = Math.sqrt(average((x) => (x - this.mean) ** 2))
    this.expectedMoments = [1, 2, 3, 4, 5, 6, 7, 8].map((k) =>
      average((x) => ((x - this.mean) / this.std) ** k),
    )
    groupCells(p, MAX_GROUPS, this.groupOfCell)
    groupCells(p, PAIR_BINS, this.pairBinOfCell)
  }

  private get is16Bit(): boolean {
    return this.reference.dtype !== 'f32'
  }

  private computeCells(): void {
    const { reference, values, probabilities } = this
    const width = (reference.high - reference.low) / CELL_COUNT
    const edges = new Float64Array(CELL_COUNT + 1)
    if (this.is16Bit) {
      for (let i = 0; i < CELL_COUNT; i++) values[i] = decode(reference.dtype as 'bf16', patternAt(i))
      for (let i = 1; i < CELL_COUNT; i++) edges[i] = (values[i - 1] + values[i]) / 2 // rounding is to the nearest
    } else {
      for (let i = 0; i < CELL_COUNT; i++) values[i] = reference.low + (i + 0.5) * width
      for (let i = 1; i < CELL_COUNT; i++) edges[i] = reference.low + i * width
    }
    let below = 0
    for (let i = 0; i < CELL_COUNT; i++) {
      const edge = edges[i + 1]
      const next = i === CELL_COUNT - 1 ? 1 : Number.isFinite(edge) ? reference.cdf(edge) : below
      probabilities[i] = next - below
      below = next
    }
  }

  /** Adds a piece; with `exact`, also the statistics of its sorted values. Not for 16 bits. */
  add(data: TensorData, exact = false): void {
    const cells = this.assignCells(data)
    const z = this.standardize(data, cells)
    this.addMoments(z)
    LAGS.forEach((lag, i) => {
      if (lag >= z.length) return
      this.lagProducts[i] += laggedDotProduct(z, lag)
      this.lagProductCounts[i] += z.length - lag
    })
    const sides = new Uint8Array(cells.length)
    for (let i = 0; i < cells.length; i++) sides[i] = this.pairBinOfCell[cells[i]]
    PAIRS.forEach((lag, i) => countPairs(this.pairCounts[i], sides, lag))

    const counts = new Float64Array(CELL_COUNT)
    for (let i = 0; i < cells.length; i++) counts[cells[i]]++
    for (let i = 0; i < CELL_COUNT; i++) this.counts[i] += counts[i]
    this.size += data.length
    this.chunkPValues['chi-square'].push(computeChiSquare(counts, this.probabilities, this.groupOfCell).p)
    if (exact && !this.is16Bit) {
      const [D, A2] = this.computeExactStatistics(data as Float32Array)
      this.chunkPValues.KS.push(kolmogorovPValue(D, data.length))
      this.chunkPValues.AD.push(andersonDarlingPValue(A2))
    }
  }

  computeFindings(): Finding[] {
    const { size } = this
    const found: Finding[] = []
    const add = (group: Group, what: string, value: number, p: number) =>
      found.push({ group, label: what, value, p })

    for (const k of [1, 2, 3, 4]) {
      const moment = this.sums[k - 1] / size
      const bias = this.reference.bias?.[k - 1] ?? 0
      const z = (moment - this.expectedMoments[k - 1] - bias) / this.momentStandardError(k)
      add('moments', ['mean', 'variance', 'third moment', 'fourth moment'][k - 1], z, normalPValue(z))
    }
    const { D, A2 } = this.computeEdfStatistics()
    // between the edges of 16-bit values the two cannot differ: p is an upper bound there
    add('Kolmogorov and Smirnov', 'D', D, kolmogorovPValue(D, size))
    add('Anderson and Darling', 'A²', A2, andersonDarlingPValue(A2))
    const wide = new Uint16Array(CELL_COUNT)
    groupCells(this.probabilities, this.chooseGroupCount(), wide)
    const { chi2, degreesOfFreedom, p } = computeChiSquare(this.counts, this.probabilities, wide)
    add('chi-square', `${degreesOfFreedom} degrees`, chi2, p)
    for (const { what, count, probability } of this.countTails())
      add('tails', what, count, binomialPValue(count, size, probability))
    LAGS.forEach((lag, i) => {
      if (this.lagProductCounts[i] === 0) return
      const z = this.lagProducts[i] / Math.sqrt(this.lagProductCounts[i])
      add('lags', `lag ${lag}`, z, normalPValue(z))
    })
    PAIRS.forEach((lag, i) => {
      const { chi2, p } = this.testIndependence(this.pairCounts[i])
      add('pairs', `lag ${lag}`, chi2, p)
    })
    for (const [what, list] of Object.entries(this.chunkPValues)) {
      if (list.length < 16) continue
      const D = computeUniformKsDistance(list)
      add('p-values of pieces', `${list.length} of ${what}`, D, kolmogorovPValue(D, list.length))
    }
    return found
  }

  /** The standard error of a mean of z^k. */
  momentStandardError(k: number): number {
    return Math.sqrt((this.expectedMoments[2 * k - 1] - this.expectedMoments[k - 1] ** 2) / this.size)
  }

  /** The mean, standard deviation, skewness and kurtosis. */
  summarize(): { mean: number; variance: number; skewness: number; kurtosis: number } {
    const [m1, m2, m3, m4] = this.sums.map((sum) => sum / this.size)
    const variance = m2 - m1 * m1
    return {
      mean: this.mean + this.std * m1,
      variance: this.std ** 2 * variance,
      skewness: (m3 - 3 * m1 * m2 + 2 * m1 ** 3) / variance ** 1.5,
      kurtosis: (m4 - 4 * m1 * m3 + 6 * m1 * m1 * m2 - 3 * m1 ** 4) / variance ** 2,
    }
  }

  /**
   * The number of cells of chi-square: small enough that the steps of the transform do not show. An edge may lie within
   * an atom, so that a cell of probability 1/k is off by at most an atom, and chi-square by size k^2 atom^2: a quarter
   * of its standard deviation, sqrt(2 k), is allowed.
   */
  chooseGroupCount(): number {
    let k = MAX_GROUPS
    while (k > 16 && this.computeDiscretizationError(k) > 0.25) k /= 2
    return k
  }

  /** The most that the steps of the transform can add to chi-square of k cells, in its standard deviations. */
  computeDiscretizationError(k: number): number {
    return (this.size * k * k * this.reference.atom ** 2) / Math.sqrt(2 * k)
  }

  /** Counts beyond the thresholds or, for bounded distributions, in the first and the last 2^-10 of the interval. */
  countTails(): { what: string; count: number; probability: number }[] {
    const { low, high, tails } = this.reference
    const sum = (within: (x: number) => boolean) => {
      let [count, probability] = [0, 0]
      for (let i = 0; i < CELL_COUNT; i++) {
        if (!within(this.values[i])) continue
        count += this.counts[i]
        probability += this.probabilities[i]
      }
      return { count, probability }
    }
    if (tails.length === 0) {
      const edge = (high - low) / 1024
      return [
        { what: 'at the lower end', ...sum((x) => x < low + edge) },
        { what: 'at the upper end', ...sum((x) => x > high - edge) },
      ]
    }
    return tails.map((t, i) => ({ what: `beyond ${i + 3} σ`, ...sum((x) => Math.abs(x) > t) }))
  }

  /** By how much the sample's distribution function exceeds the reference, at the upper edge of each fine cell. */
  computeCdfDifference(): Float64Array {
    const excess = new Float64Array(CELL_COUNT)
    let [count, below] = [0, 0]
    for (let i = 0; i < CELL_COUNT; i++) {
      count += this.counts[i]
      below += this.probabilities[i]
      excess[i] = count / this.size - below
    }
    return excess
  }

  /** D and A^2 from the fine cells. */
  private computeEdfStatistics(): { D: number; A2: number } {
    const excess = this.computeCdfDifference()
    let [D, A2, below] = [0, 0, 0]
    for (let i = 0; i < CELL_COUNT; i++) {
      D = Math.max(D, Math.abs(excess[i]))
      below += this.probabilities[i]
      const spread = below * (1 - below)
      const share = (this.probabilities[i] + (this.probabilities[i + 1] ?? 0)) / 2
      if (spread > 1e-12) A2 += (excess[i] ** 2 / spread) * share
    }
    return { D, A2: this.size * A2 }
  }

  /** D and A^2 of the sorted values of a piece. */
  private computeExactStatistics(data: Float32Array): [D: number, A2: number] {
    const sorted = data.toSorted()
    const n = sorted.length
    const u = new Float64Array(n)
    const edges = this.computeLowerEdges()
    const { low, high } = this.reference
    const scale = CELL_COUNT / (high - low)
    let D = 0
    for (let i = 0; i < n; i++) {
      const place = (sorted[i] - low) * scale
      const cell = Math.min(CELL_COUNT - 1, Math.max(0, Math.floor(place)))
      const f = edges[cell] + Math.min(1, Math.max(0, place - cell)) * this.probabilities[cell]
      D = Math.max(D, f - i / n, (i + 1) / n - f)
      u[i] = Math.min(1 - 1e-16, Math.max(1e-300, f)) // an f32 may be the rounded bound itself
    }
    let sum = 0
    for (let i = 0; i < n; i++) sum += (2 * i + 1) * Math.log(u[i] * (1 - u[n - 1 - i]))
    return [D, -n - sum / n]
  }

  private lowerEdges: Float64Array | undefined

  /** The reference distribution function at the lower edges of the fine cells. */
  private computeLowerEdges(): Float64Array {
    if (this.lowerEdges) return this.lowerEdges
    this.lowerEdges = new Float64Array(CELL_COUNT)
    for (let i = 1; i < CELL_COUNT; i++)
      this.lowerEdges[i] = this.lowerEdges[i - 1] + this.probabilities[i - 1]
    return this.lowerEdges
  }

  /** Chi-square of pairs of coarse cells, under independence. */
  private testIndependence(square: Float64Array): { chi2: number; p: number } {
    const probabilities = new Float64Array(PAIR_BINS)
    for (let i = 0; i < CELL_COUNT; i++) probabilities[this.pairBinOfCell[i]] += this.probabilities[i]
    const sides = probabilities.filter((p) => p > 0).length
    const pairs = square.reduce((a, b) => a + b)
    let chi2 = 0
    for (let a = 0; a < sides; a++) {
      for (let b = 0; b < sides; b++) {
        const expected = pairs * probabilities[a] * probabilities[b]
        chi2 += (square[a * PAIR_BINS + b] - expected) ** 2 / expected
      }
    }
    return { chi2, p: pairs === 0 ? 1 : chiSquarePValue(chi2, sides * sides - 1) }
  }

  private assignCells(data: TensorData): Uint16Array {
    const cells = new Uint16Array(data.length)
    if (this.is16Bit) {
      for (let i = 0; i < cells.length; i++) {
        const bits = data[i]
        cells[i] = bits < 0x8000 ? bits + 0x8000 : 0xffff - bits
      }
      return cells
    }
    const { low, high } = this.reference
    const scale = CELL_COUNT / (high - low)
    for (let i = 0; i < cells.length; i++)
      cells[i] = Math.min(CELL_COUNT - 1, Math.max(0, (data[i] - low) * scale))
    return cells
  }

  private standardize(data: TensorData, cells: Uint16Array): Float32Array {
    const z = new Float32Array(data.length)
    const [mean, scale] = [this.mean, 1 / this.std]
    const { values } = this
    if (this.is16Bit) for (let i = 0; i < z.length; i++) z[i] = (values[cells[i]] - mean) * scale
    else for (let i = 0; i < z.length; i++) z[i] = (data[i] - mean) * scale
    return z
  }

  private addMoments(z: Float32Array): void {
    let [s1, s2, s3, s4] = [0, 0, 0, 0]
    for (let i = 0; i < z.length; i++) {
      const x = z[i]
      const square = x * x
      s1 += x
      s2 += square
      s3 += x * square
      s4 += square * square
    }
    for (const [k, s] of [s1, s2, s3, s4].entries()) this.sums[k] += s
  }
}

/** The i-th 16-bit pattern in the order of values. */
function patternAt(i: number): number {
  return i < 0x8000 ? 0xffff - i : i - 0x8000
}

/** Merges adjacent cells until each group has a probability of at least 1/most. */
function groupCells(probabilities: Float64Array, most: number, groups: Uint16Array | Uint8Array): void {
  let [at, held, left] = [0, 0, 1]
  for (let i = 0; i < probabilities.length; i++) {
    groups[i] = at
    held += probabilities[i]
    left -= probabilities[i]
    if (held >= 1 / most - 1e-9 && left >= 1 / most - 1e-9) {
      at++
      held = 0
    }
  }
}

function computeChiSquare(
  counts: Float64Array,
  probabilities: Float64Array,
  groups: Uint16Array,
): { chi2: number; degreesOfFreedom: number; p: number } {
  const number = groups[groups.length - 1] + 1
  const [found, expected] = [new Float64Array(number), new Float64Array(number)]
  for (let i = 0; i < counts.length; i++) {
    found[groups[i]] += counts[i]
    expected[groups[i]] += probabilities[i]
  }
  const size = found.reduce((a, b) => a + b)
  let chi2 = 0
  for (let k = 0; k < number; k++) chi2 += (found[k] - size * expected[k]) ** 2 / (size * expected[k])
  return { chi2, degreesOfFreedom: number - 1, p: chiSquarePValue(chi2, number - 1) }
}

/** The sum of z[i] z[i + lag], in four sums, so that additions need not wait for each other. */
function laggedDotProduct(z: Float32Array, lag: number): number {
  const end = z.length - lag
  let [a, b, c, d, i] = [0, 0, 0, 0, 0]
  for (; i + 3 < end; i += 4) {
    a += z[i] * z[i + lag]
    b += z[i + 1] * z[i + 1 + lag]
    c += z[i + 2] * z[i + 2 + lag]
    d += z[i + 3] * z[i + 3 + lag]
  }
  for (; i < end; i++) a += z[i] * z[i + lag]
  return a + b + c + d
}

/** Counts pairs (i, i + lag) of which no two share a value. */
function countPairs(square: Float64Array, sides: Uint8Array, lag: number): void {
  for (let from = 0; from + 2 * lag <= sides.length; from += 2 * lag) {
    for (let i = from; i < from + lag; i++) square[sides[i] * PAIR_BINS + sides[i + lag]]++
  }
}

/** Kolmogorov's D of numbers that should be uniform on [0, 1]. */
export function computeUniformKsDistance(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b)
  return Math.max(...sorted.flatMap((p, i) => [p - i / list.length, (i + 1) / list.length - p]))
}
