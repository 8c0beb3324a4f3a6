/** What is asked: the network, and the strategies that are set side by side. */

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

/** Of what can be compared, each has its place, and with it its color. */
export const CANDIDATES = ['small', 'large', 'xavier', 'he', 'lecun', 'orthogonal', 'own'] as const
export type Candidate = (typeof CANDIDATES)[number]

export const state = createPartState('network', {
  layers: integerField(30, 2, 100),
  width: integerField(128, 8, 512),
  activation: choiceField(ACTIVATIONS, 'relu'),
  compare: choicesField(CANDIDATES, ['small', 'large', 'xavier', 'he', 'own']),
  /** The own standard deviation, 10^(own / 20). */
  own: integerField(-26, -60, 20),
  seed: integerField(0, 0, 999_999),
})

/** Inputs that are sent through. */
export const SAMPLE_COUNT = 64

export const customStd = computed(() => Number((10 ** (state.own.value / 20)).toPrecision(2)))

/** As data: the worker makes it what it is. */
export function createStrategy(rival: Candidate, own: number): Strategy {
  switch (rival) {
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
      return { type: 'normal', mean: 0, std: own }
  }
}

function createVarianceScaling(scale: number, mode: 'fanIn' | 'fanAvg'): Strategy {
  return { type: 'varianceScaling', scale, mode, distribution: 'normal', gain: 1 }
}

/** The call that makes the strategy, which is its name here. */
export function formatCandidate(rival: Candidate, own: number): string {
  switch (rival) {
    case 'small':
      return 'normal({ std: 0.01 })'
    case 'large':
      return 'normal({ std: 1 })'
    case 'own':
      return `normal({ std: ${own} })`
    case 'orthogonal':
      return 'orthogonal()'
    default:
      return `${rival}Normal()`
  }
}
