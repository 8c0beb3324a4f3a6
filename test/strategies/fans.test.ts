import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FAN_MODES, selectFan, computeFans } from '../../src/strategies/fans.ts'
import { resolveDistribution } from '../../src/distributions/resolve-distribution.ts'
import { computeReportFans } from '../../src/strategies/fans.ts'
import {
  heNormal,
  normal,
  residualNormal,
  truncatedNormal,
  varianceScaling,
  xavierNormal,
  type Layout,
  type Strategy,
} from '../../src/index.ts'
import { rangeError } from '../support/errors.ts'

describe('fans', () => {
  it('are the same for a PyTorch convolution (out, in, kernel) and its Keras transpose (kernel, in, out)', () => {
    const fans = { fanIn: 147, fanOut: 3136 }
    expect(computeFans([64, 3, 7, 7], 'oi')).toEqual(fans)
    expect(computeFans([7, 7, 3, 64], 'io')).toEqual(fans)
  })

  it('of a matrix are its two dimensions, in the order of the layout', () => {
    expect(computeFans([3072, 768], 'oi')).toEqual({ fanIn: 768, fanOut: 3072 })
    expect(computeFans([768, 3072], 'io')).toEqual({ fanIn: 768, fanOut: 3072 })
  })

  it('are multiplied by every dimension of the kernel, in either layout', () => {
    const dimension = fc.integer({ min: 1, max: 20 })
    fc.assert(
      fc.property(dimension, dimension, fc.array(dimension, { maxLength: 3 }), (into, out, kernel) => {
        const k = kernel.reduce((product, n) => product * n, 1)
        const fans = { fanIn: into * k, fanOut: out * k }
        expect(computeFans([out, into, ...kernel], 'oi')).toEqual(fans)
        expect(computeFans([...kernel, into, out], 'io')).toEqual(fans)
      }),
    )
  })

  it.each([[[]], [[5]]])('of shape %j throw an error that names the remedy', (shape) => {
    const message = `"shape" must be of rank 2 or more, unless the strategy sets fanIn and fanOut; received [${shape}]`
    expect(() => computeFans(shape, 'oi')).toThrow(rangeError(message))
    expect(computeReportFans(shape, 'oi')).toEqual({ fanIn: null, fanOut: null })
  })

  it('are selected or averaged by the mode', () => {
    const fans = { fanIn: 4, fanOut: 16 }
    expect(FAN_MODES.map((mode) => [mode, selectFan(fans, mode)])).toEqual([
      ['fanIn', 4],
      ['fanOut', 16],
      ['fanAvg', 10],
      ['fanGeoAvg', 8],
    ])
  })
})

/** The standard deviation for a shape. */
function std(strategy: Strategy, layout?: Layout, shape: number[] | null = [50, 200]): number {
  return (resolveDistribution(strategy, shape ?? undefined, layout) as { std: number }).std
}

function lacks(fan: string): string {
  return `"shape" must be the dimensions of the tensor, since the strategy reads ${fan}; received undefined`
}

describe('a strategy that reads fans', () => {
  it('prefers its own layout to that of the call, and either to the default of PyTorch', () => {
    expect(std(heNormal())).toBe(Math.sqrt(2 / 200))
    expect(std(heNormal(), 'oi')).toBe(Math.sqrt(2 / 200))
    expect(std(heNormal(), 'io')).toBe(Math.sqrt(2 / 50))
    expect(std(heNormal({ layout: 'oi' }), 'io')).toBe(Math.sqrt(2 / 200))
    expect(std(heNormal({ layout: 'io' }), 'oi')).toBe(Math.sqrt(2 / 50))
  })

  it('prefers explicit fans, one or both, to those of the shape', () => {
    expect(std(xavierNormal({ fanIn: 30, fanOut: 20 }), undefined, null)).toBe(Math.sqrt(1 / 25))
    expect(std(xavierNormal({ fanIn: 30 }), 'oi', [20, 7])).toBe(Math.sqrt(1 / 25))
    expect(std(xavierNormal({ fanOut: 30 }), 'oi', [7, 20])).toBe(Math.sqrt(1 / 25))
  })

  it('reports which fan is missing', () => {
    expect(() => resolveDistribution(heNormal())).toThrow(rangeError(lacks('fanIn')))
    expect(() => resolveDistribution(heNormal({ mode: 'fanOut' }))).toThrow(rangeError(lacks('fanOut')))
    expect(() => resolveDistribution(xavierNormal({ fanIn: 3 }))).toThrow(rangeError(lacks('fanOut')))
  })

  it('counts an empty fan as 1', () => {
    expect(resolveDistribution(heNormal(), [5, 0])).toEqual({ type: 'normal', mean: 0, std: Math.SQRT2 })
  })

  it('requires a shape only for the fans that it does not set', () => {
    for (const strategy of [heNormal(), heNormal({ mode: 'fanOut', fanIn: 3 }), xavierNormal({ fanIn: 3 })]) {
      expect(() => resolveDistribution(strategy)).toThrow(/^"shape" must be/)
    }
    const others = [
      heNormal({ fanIn: 3 }),
      varianceScaling({ mode: 'fanOut', fanOut: 3 }),
      xavierNormal({ fanIn: 3, fanOut: 4 }),
      normal(),
      truncatedNormal(),
      residualNormal({ std: 1, layers: 2 }),
    ]
    for (const strategy of others) expect(() => resolveDistribution(strategy)).not.toThrow()
  })
})
