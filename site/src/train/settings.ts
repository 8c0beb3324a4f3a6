/** What a run can be set to. This file is the page's too, which is not to load TensorFlow.js for it. */

import type { Dataset } from './datasets.ts'

/** Where the runs start. */
export const INITIALIZATIONS = ['zeros', 'small', 'large', 'xavier', 'he'] as const
export type Initialization = (typeof INITIALIZATIONS)[number]

export const ACTIVATIONS = ['relu', 'tanh', 'sigmoid'] as const
export type Activation = (typeof ACTIVATIONS)[number]

export const POINT_COUNT = 128
/** Units of a hidden layer. */
export const HIDDEN_UNITS = 16
/** Places on a side of the maps, and how far those reach. */
export const GRID_SIZE = 24
export const PLANE_EXTENT = 1.15

export interface TrainingOptions {
  readonly dataset: Dataset
  readonly activation: Activation
  /** Hidden ones, each of WIDTH units. */
  readonly layers: number
  /** Of the steps: gradient descent with momentum. */
  readonly learningRate: number
  readonly steps: number
  readonly seed: number
}
