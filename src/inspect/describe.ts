/** Phrases for reports: numbers, strategies, and what a tensor was compared with. */

import { formatNumber } from '../numeric/format-number.ts'
import type { Strategy } from '../strategies/strategy.ts'
import type { DiscreteDistribution, InspectedTensor } from './inspection-records.ts'

/** A measured number: at most four significant digits, and nothing for NaN. */
export function formatStatistic(x: number): string {
  return Number.isNaN(x) ? '' : formatNumber(x, 4)
}

/**
 * The distribution that is closest to the values of a tensor, as a phrase for a table.
 *
 * @param tensor A tensor that `inspectFiles` returned.
 * @returns For example `normal: std 0.02` or `uniform: xavierUniform`; `discrete: 0 (1128), 1 (1176)` with the count of
 *   each value; `none (closest: normal, distance 0.08)` if the values match no distribution; an empty string if there
 *   are too few values to tell.
 * @throws TypeError if the argument is not an object.
 * @example
 * import { createBlobSource, describeNearest, inspectFiles } from 'simdinit/inspect'
 *
 * const header = JSON.stringify({ bias: { dtype: 'F32', shape: [4], data_offsets: [0, 16] } })
 * const file = new Blob([BigUint64Array.of(BigInt(header.length)), header, new Float32Array(4)])
 * const { tensors } = await inspectFiles([{ name: 'a.safetensors', source: createBlobSource(file) }])
 * console.log(describeNearest(tensors[0])) // constant: zeros
 */
export function describeNearest({ nearest }: InspectedTensor): string {
  if (!nearest) return ''
  const { distribution, strategy, fits, distance } = nearest
  if (distribution.type === 'discrete') return `discrete: ${describeValues(distribution)}`
  if (!fits) return `none (closest: ${distribution.type}, distance ${formatStatistic(distance)})`
  return strategy ? `${distribution.type}: ${describeStrategy(strategy)}` : distribution.type
}

/** Of more values than this, only their number and range are listed. */
const MAX_LISTED_VALUES = 3

function describeValues({ values, counts }: DiscreteDistribution): string {
  return values.length > MAX_LISTED_VALUES
    ? `${values.length} values from ${formatStatistic(values[0])} to ${formatStatistic(values[values.length - 1])}`
    : values.map((value, i) => `${formatStatistic(value)} (${counts[i]})`).join(', ')
}

/**
 * Whether a tensor matches the recipe of its model, as a phrase for a table.
 *
 * @param tensor A tensor that `inspectFiles` returned.
 * @returns `yes`; `no: ` followed by what differs (`shape`, `values`, `std` or `mean`); or an empty string if the tensor
 *   was not compared with a model.
 * @throws TypeError if the argument is not an object.
 * @example
 * import { createBlobSource, describeExpected, inspectFiles } from 'simdinit/inspect'
 *
 * const header = JSON.stringify({ bias: { dtype: 'F32', shape: [4], data_offsets: [0, 16] } })
 * const file = new Blob([BigUint64Array.of(BigInt(header.length)), header, new Float32Array(4)])
 * const { tensors } = await inspectFiles([{ name: 'a.safetensors', source: createBlobSource(file) }])
 * console.log(describeExpected(tensors[0]) === '') // true
 */
export function describeExpected({ expected }: InspectedTensor): string {
  if (!expected) return ''
  return expected.explained ? 'yes' : `no: ${expected.departs}`
}

const DISTRIBUTION_SUFFIXES = {
  normal: 'Normal',
  truncatedNormal: 'TruncatedNormal',
  uniform: 'Uniform',
} as const

/** A strategy by its common name: `heNormal`, `std 0.02`. */
export function describeStrategy(strategy: Strategy): string {
  switch (strategy.type) {
    case 'constant':
      return formatStatistic(strategy.value)
    case 'normal':
      return `std ${formatStatistic(strategy.std)}`
    case 'uniform':
      return `+-${formatStatistic(strategy.high)}`
    case 'truncatedNormal':
      return `std ${formatStatistic(strategy.std)} cut at ${formatStatistic((strategy.high ?? Infinity) / strategy.std)} sigma`
    case 'residualNormal':
      return `${formatStatistic(strategy.std)} / sqrt(2 x ${strategy.layers} layers)`
    case 'varianceScaling':
      return describeVarianceScaling(strategy)
    default:
      return strategy.type
  }
}

function describeVarianceScaling({
  scale,
  mode,
  distribution,
  layout,
}: Strategy & { type: 'varianceScaling' }): string {
  const suffix = layout === 'io' ? `, layout 'io'` : ''
  if (scale === 1 / 3 && distribution === 'uniform') return `PyTorch's default for Linear${suffix}`
  if (scale !== 1 && scale !== 2)
    return `${distribution}, variance ${formatStatistic(scale)} / ${mode}${suffix}`
  const family = mode === 'fanAvg' ? 'xavier' : scale === 2 ? 'he' : 'lecun'
  return `${family}${DISTRIBUTION_SUFFIXES[distribution]}${mode === 'fanOut' ? ', fanOut' : ''}${suffix}`
}
