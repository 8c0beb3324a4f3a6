import { describe, expect, it } from 'vitest'
import {
  parseStrategy,
  constant,
  gain,
  heNormal,
  heTruncatedNormal,
  heUniform,
  lecunNormal,
  lecunTruncatedNormal,
  lecunUniform,
  normal,
  ones,
  residualNormal,
  truncatedNormal,
  uniform,
  varianceScaling,
  xavierNormal,
  xavierTruncatedNormal,
  xavierUniform,
  zeros,
  type Strategy,
} from '../src/index.ts'
import { STRATEGIES } from './support/strategies.ts'

function as(
  scale: number,
  mode: 'fanIn' | 'fanAvg',
  distribution: 'normal' | 'truncatedNormal' | 'uniform',
): Strategy {
  return varianceScaling({ scale, mode, distribution })
}

it('an option that is undefined is as one left out', () => {
  expect(xavierNormal({ mode: undefined, gain: undefined })).toEqual(xavierNormal())
  expect(normal({ mean: undefined, std: undefined })).toEqual(normal())
})

describe('strategies', () => {
  it.each(STRATEGIES)('%s is plain data that survives JSON', (_, strategy) => {
    const copy: unknown = JSON.parse(JSON.stringify(strategy))
    expect(copy).toEqual(strategy)
    expect(parseStrategy(copy)).toEqual(strategy)
    expect(Object.getPrototypeOf(strategy)).toBe(Object.prototype)
  })

  it('have the defaults of the page', () => {
    expect([zeros(), ones(), constant({ value: 3 })]).toEqual([
      { type: 'zeros' },
      { type: 'ones' },
      { type: 'constant', value: 3 },
    ])
    expect(normal()).toEqual({ type: 'normal', mean: 0, std: 1 })
    expect(uniform()).toEqual({ type: 'uniform', low: 0, high: 1 })
    expect(truncatedNormal()).toEqual({ type: 'truncatedNormal', mean: 0, std: 1 })
    expect(varianceScaling()).toEqual({
      type: 'varianceScaling',
      scale: 1,
      mode: 'fanIn',
      distribution: 'truncatedNormal',
      gain: 1,
    })
    expect(residualNormal({ std: 0.02 })).toEqual({ type: 'residualNormal', std: 0.02 })
  })

  it('of the named kind are variance scaling under a name', () => {
    expect([xavierNormal(), xavierTruncatedNormal(), xavierUniform()]).toEqual([
      as(1, 'fanAvg', 'normal'),
      as(1, 'fanAvg', 'truncatedNormal'),
      as(1, 'fanAvg', 'uniform'),
    ])
    expect([heNormal(), heTruncatedNormal(), heUniform()]).toEqual([
      as(2, 'fanIn', 'normal'),
      as(2, 'fanIn', 'truncatedNormal'),
      as(2, 'fanIn', 'uniform'),
    ])
    expect([lecunNormal(), lecunTruncatedNormal(), lecunUniform()]).toEqual([
      as(1, 'fanIn', 'normal'),
      as(1, 'fanIn', 'truncatedNormal'),
      as(1, 'fanIn', 'uniform'),
    ])
  })

  it('of the named kind pass their options on', () => {
    const options = { mode: 'fanGeoAvg', gain: 3, layout: 'io', fanIn: 5, fanOut: 6 } as const
    expect(heUniform(options)).toEqual(varianceScaling({ scale: 2, distribution: 'uniform', ...options }))
  })

  it('from JSON get their defaults filled in', () => {
    expect(parseStrategy({ type: 'normal' })).toEqual(normal())
    expect(parseStrategy({ type: 'varianceScaling', scale: 2 })).toEqual(varianceScaling({ scale: 2 }))
  })
})

describe('gain', () => {
  it('is that of torch.nn.init.calculate_gain', () => {
    expect([gain('linear'), gain('sigmoid'), gain('tanh'), gain('selu')]).toEqual([1, 1, 5 / 3, 3 / 4])
    expect(gain('relu')).toBe(Math.SQRT2)
    expect(gain('leakyRelu')).toBe(1.4141428569978354)
    expect(gain('leakyRelu', 0)).toBe(Math.SQRT2)
    expect(gain('leakyRelu', 0.2)).toBeCloseTo(1.386750491, 9)
    expect(gain('leakyRelu', Math.sqrt(5))).toBeCloseTo(0.5773502691896257, 15)
  })
})

const NOT_FINITE = 'expected a finite number'
const NOT_POSITIVE = 'expected a finite number >= 0'

describe('a bad strategy is refused in a sentence that says what was expected and what came', () => {
  it.each<[string, () => unknown, new (message: string) => Error, string]>([
    ['std NaN', () => normal({ std: NaN }), RangeError, `"std" ${NOT_POSITIVE}, got NaN`],
    ['std below 0', () => normal({ std: -1 }), RangeError, `"std" ${NOT_POSITIVE}, got -1`],
    ['std Infinity', () => normal({ std: Infinity }), RangeError, `"std" ${NOT_POSITIVE}, got Infinity`],
    ['std as text', () => normal({ std: '1' as never }), TypeError, `"std" ${NOT_POSITIVE}, got "1"`],
    ['std null', () => normal({ std: null as never }), TypeError, `"std" ${NOT_POSITIVE}, got null`],
    ['std bigint', () => normal({ std: 1n as never }), TypeError, `"std" ${NOT_POSITIVE}, got 1n`],
    ['mean Infinity', () => normal({ mean: -Infinity }), RangeError, `"mean" ${NOT_FINITE}, got -Infinity`],
    ['mean array', () => normal({ mean: [1] as never }), TypeError, `"mean" ${NOT_FINITE}, got [1]`],
    [
      'a field too many',
      () => normal({ stddev: 1 } as never),
      TypeError,
      '"normal" has no field "stddev"; its fields are mean, std',
    ],
    ['no options object', () => normal(3 as never), TypeError, '"normal" expected an object, got 3'],
    ['an array', () => uniform([0, 1] as never), TypeError, '"uniform" expected an object, got [0, 1]'],
    ['value missing', () => constant({} as never), TypeError, `"value" ${NOT_FINITE}, got undefined`],
    ['value NaN', () => constant({ value: NaN }), RangeError, `"value" ${NOT_FINITE}, got NaN`],
    [
      'high = low',
      () => uniform({ low: 2, high: 2 }),
      RangeError,
      '"high" expected a number above "low" (2), got 2',
    ],
    [
      'high below the default low',
      () => uniform({ high: -1 }),
      RangeError,
      '"high" expected a number above "low" (0), got -1',
    ],
    ['low NaN', () => uniform({ low: NaN }), RangeError, `"low" ${NOT_FINITE}, got NaN`],
    [
      'truncated high = low',
      () => truncatedNormal({ low: 1, high: 1 }),
      RangeError,
      '"high" expected a number above "low" (1), got 1',
    ],
    [
      'an infinite bound',
      () => truncatedNormal({ high: Infinity }),
      RangeError,
      `"high" ${NOT_FINITE}, got Infinity`,
    ],
    [
      'an unknown mode',
      () => varianceScaling({ mode: 'fan_in' as never }),
      RangeError,
      `"mode" expected one of 'fanIn', 'fanOut', 'fanAvg', 'fanGeoAvg', got "fan_in"`,
    ],
    [
      'a mode that is no text',
      () => heNormal({ mode: 1 as never }),
      TypeError,
      `"mode" expected one of 'fanIn', 'fanOut', 'fanAvg', 'fanGeoAvg', got 1`,
    ],
    [
      'an unknown distribution',
      () => varianceScaling({ distribution: 'gauss' as never }),
      RangeError,
      `"distribution" expected one of 'normal', 'truncatedNormal', 'uniform', got "gauss"`,
    ],
    [
      'an unknown layout',
      () => heNormal({ layout: 'hwio' as never }),
      RangeError,
      `"layout" expected one of 'oi', 'io', got "hwio"`,
    ],
    ['fanIn 0', () => heNormal({ fanIn: 0 }), RangeError, '"fanIn" expected a safe integer >= 1, got 0'],
    [
      'fanOut 1.5',
      () => heNormal({ fanOut: 1.5 }),
      RangeError,
      '"fanOut" expected a safe integer >= 1, got 1.5',
    ],
    ['scale below 0', () => varianceScaling({ scale: -2 }), RangeError, `"scale" ${NOT_POSITIVE}, got -2`],
    ['gain NaN', () => xavierUniform({ gain: NaN }), RangeError, `"gain" ${NOT_POSITIVE}, got NaN`],
    [
      'scale of a named one',
      () => heNormal({ scale: 1 } as never),
      TypeError,
      '"options" has no field "scale"; its fields are mode, gain, layout, fanIn, fanOut, inAxis, outAxis, batchAxis, vectorFans',
    ],
    [
      'axes under two names',
      () => varianceScaling({ inAxis: 0, outAxis: 1, inAxes: [1] } as never),
      RangeError,
      '"inAxis" expected to be left out where "inAxes" is said, got 0',
    ],
    [
      'a layout, and axes too',
      () => heNormal({ layout: 'io', inAxis: 0, outAxis: 1 }),
      RangeError,
      '"layout" expected to be left out where axes are said, got "io"',
    ],
    [
      'one axis of two',
      () => heNormal({ inAxis: 0 }),
      TypeError,
      '"outAxis" expected an axis, or an array of axes, got undefined',
    ],
    [
      'batch axes alone',
      () => heNormal({ batchAxis: 0 }),
      RangeError,
      '"batchAxis" expected "inAxis" and "outAxis" beside it, got 0',
    ],
    [
      'bounds said twice',
      () => truncatedNormal({ sigmas: 2, high: 1 }),
      RangeError,
      '"sigmas" expected to be left out where "low" or "high" is said, got 2',
    ],
    [
      'sigmas 0',
      () => truncatedNormal({ sigmas: 0 }),
      RangeError,
      '"sigmas" expected a number above 0, and a "std" above 0 beside it, got 0',
    ],
    [
      'std of a truncated normal below 0',
      () => truncatedNormal({ std: -1, low: 0, high: 1 }),
      RangeError,
      `"std" ${NOT_POSITIVE}, got -1`,
    ],
    [
      'two names of one thing',
      () => normal({ std: 1, stddev: 1 } as never),
      TypeError,
      '"normal" has no field "stddev"; its fields are mean, std',
    ],
    [
      'layers 0',
      () => residualNormal({ std: 1, layers: 0 }),
      RangeError,
      '"layers" expected a safe integer >= 1, got 0',
    ],
    [
      'no strategy',
      () => parseStrategy(undefined),
      TypeError,
      '"strategy" expected an object such as normal({ std: 0.02 }), got undefined',
    ],
    [
      'a function',
      () => parseStrategy(normal),
      TypeError,
      '"strategy" expected an object such as normal({ std: 0.02 }), got a function',
    ],
    [
      'an unknown type',
      () => parseStrategy({ type: 'he' }),
      RangeError,
      `"strategy.type" expected one of 'zeros', 'ones', 'constant', 'normal', 'uniform', 'truncatedNormal', 'varianceScaling', 'residualNormal', 'zeroRows', 'xavierNormal', 'xavierTruncatedNormal', 'xavierUniform', 'heNormal', 'heTruncatedNormal', 'heUniform', 'lecunNormal', 'lecunTruncatedNormal', 'lecunUniform', 'identity', 'dirac', 'bilinear', 'forgetGateBias', 'arange', 'logArange', 'sinusoidal', 'stft', 'logUniform', 'logOfUniform', 'mambaDtBias', 'griffinRecurrence', 'orthogonal', 'deltaOrthogonal', 'sparse', got "he"`,
    ],
    [
      'zeros with a field',
      () => parseStrategy({ type: 'zeros', value: 1 }),
      TypeError,
      '"zeros" has no field "value"; its fields are ',
    ],
    [
      'an unknown nonlinearity',
      () => gain('swish' as never),
      RangeError,
      `"nonlinearity" expected one of 'linear', 'sigmoid', 'tanh', 'relu', 'leakyRelu', 'selu', got "swish"`,
    ],
    ['slope NaN', () => gain('leakyRelu', NaN), RangeError, `"slope" ${NOT_FINITE}, got NaN`],
  ])('%s', (_, make, kind, message) => {
    expect(make).toThrow(new kind(message))
    expect(make).toThrow(kind)
  })
})
