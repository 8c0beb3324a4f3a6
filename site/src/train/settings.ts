/** Settings of a run. The page imports this file, so it must not import TensorFlow.js. */

import type { Dataset } from './datasets.ts'

/** The initializations that are compared. */
export const INITIALIZATIONS = ['zeros', 'small', 'large', 'xavier', 'he'] as const
export type Initialization = (typeof INITIALIZATIONS)[number]

export const ACTIVATIONS = ['relu', 'tanh', 'sigmoid'] as const
export type Activation = (typeof ACTIVATIONS)[number]

export const POINT_COUNT = 128
/** Units of a hidden layer. */
export const HIDDEN_UNITS = 16
/** Grid points per side of a decision map, and the coordinate of its edges. */
export const GRID_SIZE = 24
export const PLANE_EXTENT = 1.15

export interface TrainingOptions {
  readonly dataset: Dataset
  readonly activation: Activation
  /** Hidden layers of HIDDEN_UNITS units. */
  readonly layers: number
  /** Of gradient descent with momentum. */
  readonly learningRate: number
  readonly steps: number
  readonly seed: number
}
