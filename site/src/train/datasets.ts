/**
 * Points of two classes in the plane, half of each, generated from a seed. They are common examples for small networks;
 * two spirals are the hardest (Lang and Witbrock, "Learning to tell two spirals apart", 1988).
 */

import { Random } from 'simdinit/random'

export const DATASETS = ['spirals', 'rings', 'squares'] as const
export type Dataset = (typeof DATASETS)[number]

/** Coordinates between about -1 and 1, and the class of each point: 0 or 1. */
export interface Points {
  readonly coordinates: readonly (readonly [x: number, y: number])[]
  readonly labels: readonly number[]
}

const NOISE_STD = 0.02

export function generatePoints(dataset: Dataset, count: number, seed: number): Points {
  const random = new Random(`${dataset} ${seed}`)
  const classes = Array.from({ length: count }, (_, i) => i % 2)
  const places = classes.map((kind, i) => {
    const [x, y] = POINT_GENERATORS[dataset](kind, Math.floor(i / 2) / (count / 2), random)
    return [x + random.normal({ std: NOISE_STD }), y + random.normal({ std: NOISE_STD })] as const
  })
  return { coordinates: places, labels: classes }
}

/** The position of a point of a class; `along` runs from 0 to 1 within the class. */
const POINT_GENERATORS: Readonly<
  Record<Dataset, (kind: number, along: number, random: Random) => [number, number]>
> = {
  /** Five quarters of a turn each; the second is rotated by half a turn. */
  spirals: (kind, along) => polarToCartesian(0.1 + 0.85 * along, Math.PI * (2.5 * along + kind)),
  rings: (kind, along) => polarToCartesian(kind === 0 ? 0.85 : 0.35, 2 * Math.PI * along),
  /** Four quadrants: class 0 where both coordinates have the same sign. */
  squares: (kind, along, random) => {
    const [x, y] = [random.uniform({ low: 0.08, high: 0.92 }), random.uniform({ low: 0.08, high: 0.92 })]
    const side = along < 0.5 ? 1 : -1
    return [side * x, (kind === 0 ? side : -side) * y]
  },
}

function polarToCartesian(radius: number, angle: number): [number, number] {
  return [radius * Math.cos(angle), radius * Math.sin(angle)]
}
