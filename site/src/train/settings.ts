/** What a run can be set to. This file is the page's too, which is not to load TensorFlow.js for it. */

import type { Dataset } from './data.ts'

/** Where the runs start. */
export const STARTS = ['zeros', 'small', 'large', 'xavier', 'he'] as const
export type Start = (typeof STARTS)[number]

export const ACTIVATIONS = ['relu', 'tanh', 'sigmoid'] as const
export type Activation = (typeof ACTIVATIONS)[number]

export const POINTS = 128
/** Units of a hidden layer. */
export const WIDTH = 16
/** Places on a side of the maps, and how far those reach. */
export const GRID = 24
export const REACH = 1.15

export interface Options {
  readonly dataset: Dataset
  readonly activation: Activation
  /** Hidden ones, each of WIDTH units. */
  readonly layers: number
  /** Of the steps: gradient descent with momentum. */
  readonly rate: number
  readonly steps: number
  readonly seed: number
}
