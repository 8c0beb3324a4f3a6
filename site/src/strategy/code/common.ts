/** Shared by the code generators: literals, shapes, and conversion between layouts. */

import { resolveDistribution } from 'simdinit'
import type { TensorRequest } from '../form-state.ts'
import { getEntry } from '../catalog.ts'

export interface VarianceScalingFields {
  readonly scale: number
  readonly mode: 'fanIn' | 'fanOut' | 'fanAvg' | 'fanGeoAvg'
  readonly distribution: 'normal' | 'truncatedNormal' | 'uniform'
  readonly gain: number
}

/** A string literal for JavaScript and Python. */
export function quote(text: string): string {
  return `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)}'`
}

/** A Python tuple without its parentheses. */
export function formatTuple(shape: readonly number[]): string {
  return shape.length === 1 ? `${shape[0]},` : shape.join(', ')
}

/** Whether the strategy depends on which axis is in and which is out. */
function dependsOnLayout({ strategy }: TensorRequest): boolean {
  const { type } = strategy
  if (type === 'orthogonal') return strategy.axis === undefined
  if (type === 'varianceScaling') return strategy.inAxes === undefined
  return type === 'deltaOrthogonal' || type === 'dirac'
}

/** The shape of the same weights in a framework that uses `layout`, and whether it differs. */
export function convertShape(
  request: TensorRequest,
  layout: TensorRequest['layout'],
): { shape: readonly number[]; isTransposed: boolean } {
  const { shape } = request
  if (request.layout === layout || shape.length < 2 || !dependsOnLayout(request))
    return { shape, isTransposed: false }
  const transposed =
    layout === 'oi'
      ? [shape.at(-1)!, shape.at(-2)!, ...shape.slice(0, -2)]
      : [...shape.slice(2), shape[1], shape[0]]
  return { shape: transposed, isTransposed: true }
}

/** The axis of the rows of zeros, in a framework that uses `layout`. */
export function findRowAxis(request: TensorRequest, layout: TensorRequest['layout']): number {
  const { shape, isTransposed } = convertShape(request, layout)
  if (!isTransposed) return 0
  return layout === 'io' ? shape.length - 1 : Math.min(shape.length - 1, 2)
}

/** Whether a framework that uses `layout` computes the same fans from its shape. */
export function matchesShapeFans(request: TensorRequest, layout: TensorRequest['layout']): boolean {
  const { strategy: s, shape } = request
  if (s.type !== 'varianceScaling') return false
  const { scale, mode, distribution, gain } = s
  const plain = { type: s.type, scale, mode, distribution, gain }
  try {
    const converted = resolveDistribution(plain, convertShape(request, layout).shape, layout)
    return isEqual(converted, resolveDistribution(s, shape, request.layout))
  } catch {
    return false
  }
}

export function isEqual(a: object, b: object): boolean {
  return JSON.stringify(Object.entries(a).toSorted()) === JSON.stringify(Object.entries(b).toSorted())
}

/** The `axis` option of an orthogonal matrix, counted from 0; undefined if the layout decides. */
export function getExplicitAxis({ strategy, shape }: TensorRequest): number | undefined {
  if (strategy.type !== 'orthogonal' || strategy.axis === undefined) return undefined
  return strategy.axis < 0 ? shape.length + strategy.axis : strategy.axis
}

/** A shape with one axis moved. */
export function moveAxis(shape: readonly number[], from: number, to: number): readonly number[] {
  const rest = shape.filter((_, axis) => axis !== from)
  return [...rest.slice(0, to), shape[from], ...rest.slice(to)]
}

/** Whether the values are random: neither a formula of their position nor constant. */
export function isRandom(request: TensorRequest): boolean {
  const { type } = request.strategy
  return !isPositional(request) && type !== 'constant' && type !== 'zeros' && type !== 'ones'
}

export function isPositional({ type }: TensorRequest): boolean {
  return getEntry(type).group === 'formulas' || type === 'logArange'
}
