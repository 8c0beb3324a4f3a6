/** The state of the form: the network and the strategies to compare. */

import { computed } from '@preact/signals'
import type { ActivationName, Strategy } from 'simdinit'
import { choiceField, choicesField, integerField, createPartState } from '../address-state.ts'

export const ACTIVATIONS: readonly ActivationName[] = [
  'relu',
  'tanh',
  'linear',
  'leakyRelu',
  'sigmoid',
  'gelu',
  'silu',
  'selu',
]

/** The strategies that can be compared. The index of each decides its color. */
export const CANDIDATES = ['small', 'large', 'xavier', 'he', 'lecun', 'orthogonal', 'own'] as const
export type Candidate = (typeof CANDIDATES)[number]

export const state = createPartState('network', {
  layers: integerField(30, 2, 100),
  width: integerField(128, 8, 512),
  activation: choiceField(ACTIVATIONS, 'relu'),
  compare: choicesField(CANDIDATES, ['small', 'large', 'xavier', 'he', 'own']),
  /** The custom standard deviation is 10^(own / 20). */
  own: integerField(-26, -60, 20),
  seed: integerField(0, 0, 999_999),
})

/** Inputs of a simulation. */
export const SAMPLE_COUNT = 64

export const customStd = computed(() => Number((10 ** (state.own.value / 20)).toPrecision(2)))

/** Creates the strategy as plain data, which can be sent to the worker. */
export function createStrategy(candidate: Candidate, std: number): Strategy {
  switch (candidate) {
    case 'small':
      return { type: 'normal', mean: 0, std: 0.01 }
    case 'large':
      return { type: 'normal', mean: 0, std: 1 }
    case 'xavier':
      return createVarianceScaling(1, 'fanAvg')
    case 'he':
      return createVarianceScaling(2, 'fanIn')
    case 'lecun':
      return createVarianceScaling(1, 'fanIn')
    case 'orthogonal':
      return { type: 'orthogonal', gain: 1 }
    case 'own':
      return { type: 'normal', mean: 0, std }
  }
}

function createVarianceScaling(scale: number, mode: 'fanIn' | 'fanAvg'): Strategy {
  return { type: 'varianceScaling', scale, mode, distribution: 'normal', gain: 1 }
}

/** The call that creates the strategy, which is its label. */
export function formatCandidate(candidate: Candidate, std: number): string {
  switch (candidate) {
    case 'small':
      return 'normal({ std: 0.01 })'
    case 'large':
      return 'normal({ std: 1 })'
    case 'own':
      return `normal({ std: ${std} })`
    case 'orthogonal':
      return 'orthogonal()'
    default:
      return `${candidate}Normal()`
  }
}
