/** What the code of the frameworks has in common: numbers, shapes, and shapes as the other layout has them. */

import { resolveDistribution } from 'simdinit'
import type { TensorRequest } from '../form-state.ts'
import { getEntry } from '../catalog.ts'

export interface VarianceScalingFields {
  readonly scale: number
  readonly mode: 'fanIn' | 'fanOut' | 'fanAvg' | 'fanGeoAvg'
  readonly distribution: 'normal' | 'truncatedNormal' | 'uniform'
  readonly gain: number
}

/** A text in quotes of JavaScript and Python. */
export function quote(words: string): string {
  return `'${JSON.stringify(words)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)}'`
}

/** A tuple of Python, without its brackets. */
export function formatTuple(shape: readonly number[]): string {
  return shape.length === 1 ? `${shape[0]},` : shape.join(', ')
}

/** Strategies that read which axis is in and which is out. */
function dependsOnLayout({ strategy }: TensorRequest): boolean {
  const { type } = strategy
  if (type === 'orthogonal') return strategy.axis === undefined
  if (type === 'varianceScaling') return strategy.inAxes === undefined
  return type === 'deltaOrthogonal' || type === 'dirac'
}

/** The shape of the same weights in a framework of `layout`, and whether it is another. */
export function convertShape(
  asked: TensorRequest,
  layout: TensorRequest['layout'],
): { shape: readonly number[]; isTransposed: boolean } {
  const { shape } = asked
  if (asked.layout === layout || shape.length < 2 || !dependsOnLayout(asked))
    return { shape, isTransposed: false }
  const turned =
    layout === 'oi'
      ? [shape.at(-1)!, shape.at(-2)!, ...shape.slice(0, -2)]
      : [...shape.slice(2), shape[1], shape[0]]
  return { shape: turned, isTransposed: true }
}

/** The axis that the rows of zeros are of, in the shape that a framework of `layout` has of the same weights. */
export function findRowAxis(asked: TensorRequest, layout: TensorRequest['layout']): number {
  const { shape, isTransposed } = convertShape(asked, layout)
  if (!isTransposed) return 0
  return layout === 'io' ? shape.length - 1 : Math.min(shape.length - 1, 2)
}

/** The fans are those that a framework of `layout` finds in its shape: none are said that differ. */
export function matchesShapeFans(asked: TensorRequest, layout: TensorRequest['layout']): boolean {
  const { strategy: s, shape } = asked
  if (s.type !== 'varianceScaling') return false
  const { scale, mode, distribution, gain } = s
  const plain = { type: s.type, scale, mode, distribution, gain }
  try {
    const theirs = resolveDistribution(plain, convertShape(asked, layout).shape, layout)
    return isEqual(theirs, resolveDistribution(s, shape, asked.layout))
  } catch {
    return false
  }
}

export function isEqual(a: object, b: object): boolean {
  return JSON.stringify(Object.entries(a).toSorted()) === JSON.stringify(Object.entries(b).toSorted())
}

/** The axis of an orthogonal matrix that was said outright, from 0; undefined if it is that of the layout. */
export function getExplicitAxis({ strategy, shape }: TensorRequest): number | undefined {
  if (strategy.type !== 'orthogonal' || strategy.axis === undefined) return undefined
  return strategy.axis < 0 ? shape.length + strategy.axis : strategy.axis
}

/** A shape with one axis moved to another place. */
export function moveAxis(shape: readonly number[], from: number, to: number): readonly number[] {
  const rest = shape.filter((_, axis) => axis !== from)
  return [...rest.slice(0, to), shape[from], ...rest.slice(to)]
}

/** The values are random: they neither follow from their place nor are all the same. */
export function isRandom(asked: TensorRequest): boolean {
  const { type } = asked.strategy
  return !isPositional(asked) && type !== 'constant' && type !== 'zeros' && type !== 'ones'
}

export function isPositional({ type }: TensorRequest): boolean {
  return getEntry(type).group === 'places' || type === 'logArange'
}
