/** What the code of the frameworks has in common: numbers, shapes, and shapes as the other layout has them. */

import { distributionOf } from 'simdinit'
import type { Asked } from '../ask.ts'
import { entryOf } from '../catalogue.ts'

export interface Scaled {
  readonly scale: number
  readonly mode: 'fanIn' | 'fanOut' | 'fanAvg' | 'fanGeoAvg'
  readonly distribution: 'normal' | 'truncatedNormal' | 'uniform'
  readonly gain: number
}

/** A text in quotes of JavaScript and Python. */
export function quoted(words: string): string {
  return `'${JSON.stringify(words)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)}'`
}

/** A tuple of Python, without its brackets. */
export function tuple(shape: readonly number[]): string {
  return shape.length === 1 ? `${shape[0]},` : shape.join(', ')
}

/** Strategies that read which axis is in and which is out. */
function readsLayout({ strategy }: Asked): boolean {
  const { type } = strategy
  if (type === 'orthogonal') return strategy.axis === undefined
  if (type === 'varianceScaling') return strategy.inAxes === undefined
  return type === 'deltaOrthogonal' || type === 'dirac'
}

/** The shape of the same weights in a framework of `layout`, and whether it is another. */
export function shapeIn(
  asked: Asked,
  layout: Asked['layout'],
): { shape: readonly number[]; turned: boolean } {
  const { shape } = asked
  if (asked.layout === layout || shape.length < 2 || !readsLayout(asked)) return { shape, turned: false }
  const turned =
    layout === 'oi'
      ? [shape.at(-1)!, shape.at(-2)!, ...shape.slice(0, -2)]
      : [...shape.slice(2), shape[1], shape[0]]
  return { shape: turned, turned: true }
}

/** The axis that the rows of zeros are of, in the shape that a framework of `layout` has of the same weights. */
export function axisOfRows(asked: Asked, layout: Asked['layout']): number {
  const { shape, turned } = shapeIn(asked, layout)
  if (!turned) return 0
  return layout === 'io' ? shape.length - 1 : Math.min(shape.length - 1, 2)
}

/** The fans are those that a framework of `layout` finds in its shape: none are said that differ. */
export function readsFans(asked: Asked, layout: Asked['layout']): boolean {
  const { strategy: s, shape } = asked
  if (s.type !== 'varianceScaling') return false
  const { scale, mode, distribution, gain } = s
  const plain = { type: s.type, scale, mode, distribution, gain }
  try {
    const theirs = distributionOf(plain, shapeIn(asked, layout).shape, layout)
    return same(theirs, distributionOf(s, shape, asked.layout))
  } catch {
    return false
  }
}

export function same(a: object, b: object): boolean {
  return JSON.stringify(Object.entries(a).toSorted()) === JSON.stringify(Object.entries(b).toSorted())
}

/** The axis of an orthogonal matrix that was said outright, from 0; undefined if it is that of the layout. */
export function saidAxis({ strategy, shape }: Asked): number | undefined {
  if (strategy.type !== 'orthogonal' || strategy.axis === undefined) return undefined
  return strategy.axis < 0 ? shape.length + strategy.axis : strategy.axis
}

/** A shape with one axis moved to another place. */
export function moved(shape: readonly number[], from: number, to: number): readonly number[] {
  const rest = shape.filter((_, axis) => axis !== from)
  return [...rest.slice(0, to), shape[from], ...rest.slice(to)]
}

/** The values are random: they neither follow from their place nor are all the same. */
export function isDrawn(asked: Asked): boolean {
  const { type } = asked.strategy
  return !isOfPlaces(asked) && type !== 'constant' && type !== 'zeros' && type !== 'ones'
}

export function isOfPlaces({ type }: Asked): boolean {
  return entryOf(type).group === 'places' || type === 'logArange'
}
