/** What is asked: the network, and the strategies that are set side by side. */

import { computed } from '@preact/signals'
import type { ActivationName, Strategy } from 'simdinit'
import { choice, choices, integer, partState } from '../state.ts'

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

/** Of what can be compared, each has its place, and with it its colour. */
export const RIVALS = ['small', 'large', 'xavier', 'he', 'lecun', 'orthogonal', 'own'] as const
export type Rival = (typeof RIVALS)[number]

export const state = partState('network', {
  layers: integer(30, 2, 100),
  width: integer(128, 8, 512),
  activation: choice(ACTIVATIONS, 'relu'),
  compare: choices(RIVALS, ['small', 'large', 'xavier', 'he', 'own']),
  /** The own standard deviation, 10^(own / 20). */
  own: integer(-26, -60, 20),
  seed: integer(0, 0, 999_999),
})

/** Inputs that are sent through. */
export const SAMPLES = 64

export const ownStd = computed(() => Number((10 ** (state.own.value / 20)).toPrecision(2)))

/** As data: the worker makes it what it is. */
export function strategyOf(rival: Rival, own: number): Strategy {
  switch (rival) {
    case 'small':
      return { type: 'normal', mean: 0, std: 0.01 }
    case 'large':
      return { type: 'normal', mean: 0, std: 1 }
    case 'xavier':
      return scaled(1, 'fanAvg')
    case 'he':
      return scaled(2, 'fanIn')
    case 'lecun':
      return scaled(1, 'fanIn')
    case 'orthogonal':
      return { type: 'orthogonal', gain: 1 }
    case 'own':
      return { type: 'normal', mean: 0, std: own }
  }
}

function scaled(scale: number, mode: 'fanIn' | 'fanAvg'): Strategy {
  return { type: 'varianceScaling', scale, mode, distribution: 'normal', gain: 1 }
}

/** The call that makes the strategy, which is its name here. */
export function nameOf(rival: Rival, own: number): string {
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
