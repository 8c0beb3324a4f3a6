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
} from '../../src/index.ts'
import { STRATEGY_TYPES } from '../../src/strategies/strategy.ts'
import { STRATEGIES } from '../support/strategies.ts'
import { errorOf } from '../support/errors.ts'

function as(
  scale: number,
  mode: 'fanIn' | 'fanAvg',
  distribution: 'normal' | 'truncatedNormal' | 'uniform',
): Strategy {
  return varianceScaling({ scale, mode, distribution })
}

it('an option that is undefined equals one left out', () => {
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

  it('have the documented defaults', () => {
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

  it('with a name of their own equal variance scaling with their scale, mode and distribution', () => {
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

  it('with a name of their own pass their options on', () => {
    const options = { mode: 'fanGeoAvg', gain: 3, layout: 'io', fanIn: 5, fanOut: 6 } as const
    expect(heUniform(options)).toEqual(varianceScaling({ scale: 2, distribution: 'uniform', ...options }))
  })

  it('parsed from JSON get their defaults filled in', () => {
    expect(parseStrategy({ type: 'normal' })).toEqual(normal())
    expect(parseStrategy({ type: 'varianceScaling', scale: 2 })).toEqual(varianceScaling({ scale: 2 }))
  })
})

describe('gain', () => {
  it('equals torch.nn.init.calculate_gain', () => {
    expect([gain('linear'), gain('sigmoid'), gain('tanh'), gain('selu')]).toEqual([1, 1, 5 / 3, 3 / 4])
    expect(gain('relu')).toBe(Math.SQRT2)
    expect(gain('leakyRelu')).toBe(1.4141428569978354)
    expect(gain('leakyRelu', 0)).toBe(Math.SQRT2)
    expect(gain('leakyRelu', 0.2)).toBeCloseTo(1.386750491, 9)
    expect(gain('leakyRelu', Math.sqrt(5))).toBeCloseTo(0.5773502691896257, 15)
  })
})

const NOT_FINITE = 'must be a finite number'
const NOT_POSITIVE = 'must be a finite number >= 0'

describe('an invalid strategy throws an error with the expectation and the value received', () => {
  it.each<[string, () => unknown, new (message: string) => Error, string]>([
    ['std NaN', () => normal({ std: NaN }), RangeError, `"std" ${NOT_POSITIVE}; received NaN`],
    ['std below 0', () => normal({ std: -1 }), RangeError, `"std" ${NOT_POSITIVE}; received -1`],
    ['std Infinity', () => normal({ std: Infinity }), RangeError, `"std" ${NOT_POSITIVE}; received Infinity`],
    ['std as text', () => normal({ std: '1' as never }), TypeError, `"std" ${NOT_POSITIVE}; received "1"`],
    ['std null', () => normal({ std: null as never }), TypeError, `"std" ${NOT_POSITIVE}; received null`],
    ['std bigint', () => normal({ std: 1n as never }), TypeError, `"std" ${NOT_POSITIVE}; received 1n`],
    [
      'mean Infinity',
      () => normal({ mean: -Infinity }),
      RangeError,
      `"mean" ${NOT_FINITE}; received -Infinity`,
    ],
    ['mean array', () => normal({ mean: [1] as never }), TypeError, `"mean" ${NOT_FINITE}; received [1]`],
    [
      'a field too many',
      () => normal({ stddev: 1 } as never),
      TypeError,
      '"normal" has no field "stddev"; its fields are mean, std (did you mean "std"?)',
    ],
    ['no options object', () => normal(3 as never), TypeError, '"normal" must be an object; received 3'],
    ['an array', () => uniform([0, 1] as never), TypeError, '"uniform" must be an object; received [0, 1]'],
    ['value missing', () => constant({} as never), TypeError, `"value" ${NOT_FINITE}; received undefined`],
    ['value NaN', () => constant({ value: NaN }), RangeError, `"value" ${NOT_FINITE}; received NaN`],
    [
      'high = low',
      () => uniform({ low: 2, high: 2 }),
      RangeError,
      '"high" must be a number above "low" (2); received 2',
    ],
    [
      'high below the default low',
      () => uniform({ high: -1 }),
      RangeError,
      '"high" must be a number above "low" (0); received -1',
    ],
    ['low NaN', () => uniform({ low: NaN }), RangeError, `"low" ${NOT_FINITE}; received NaN`],
    [
      'truncated high = low',
      () => truncatedNormal({ low: 1, high: 1 }),
      RangeError,
      '"high" must be a number above "low" (1); received 1',
    ],
    [
      'an infinite bound',
      () => truncatedNormal({ high: Infinity }),
      RangeError,
      `"high" ${NOT_FINITE}; received Infinity`,
    ],
    [
      'an unknown mode',
      () => varianceScaling({ mode: 'fan_in' as never }),
      RangeError,
      `"mode" must be one of 'fanIn', 'fanOut', 'fanAvg', 'fanGeoAvg'; received "fan_in" (did you mean "fanIn"?)`,
    ],
    [
      'a mode that is not a string',
      () => heNormal({ mode: 1 as never }),
      TypeError,
      `"mode" must be one of 'fanIn', 'fanOut', 'fanAvg', 'fanGeoAvg'; received 1`,
    ],
    [
      'an unknown distribution',
      () => varianceScaling({ distribution: 'gauss' as never }),
      RangeError,
      `"distribution" must be one of 'normal', 'truncatedNormal', 'uniform'; received "gauss"`,
    ],
    [
      'an unknown layout',
      () => heNormal({ layout: 'hwio' as never }),
      RangeError,
      `"layout" must be one of 'oi', 'io'; received "hwio"`,
    ],
    ['fanIn 0', () => heNormal({ fanIn: 0 }), RangeError, '"fanIn" must be a safe integer >= 1; received 0'],
    [
      'fanOut 1.5',
      () => heNormal({ fanOut: 1.5 }),
      RangeError,
      '"fanOut" must be a safe integer >= 1; received 1.5',
    ],
    [
      'scale below 0',
      () => varianceScaling({ scale: -2 }),
      RangeError,
      `"scale" ${NOT_POSITIVE}; received -2`,
    ],
    ['gain NaN', () => xavierUniform({ gain: NaN }), RangeError, `"gain" ${NOT_POSITIVE}; received NaN`],
    [
      'scale of a named one',
      () => heNormal({ scale: 1 } as never),
      TypeError,
      '"heNormal" has no field "scale"; its fields are mode, gain, layout, fanIn, fanOut, inAxes, outAxes, batchAxes, vectorFans',
    ],
    [
      'axes under another name',
      () => varianceScaling({ inAxis: 0, outAxis: 1 } as never),
      TypeError,
      '"varianceScaling" has no field "inAxis"; its fields are scale, distribution, mode, gain, layout, fanIn, fanOut, inAxes, outAxes, batchAxes, vectorFans (did you mean "inAxes"?)',
    ],
    [
      'a layout, and axes too',
      () => heNormal({ layout: 'io', inAxes: 0, outAxes: 1 }),
      RangeError,
      '"layout" cannot be combined with "inAxes" or "outAxes"',
    ],
    [
      'one axis of two',
      () => heNormal({ inAxes: 0 }),
      TypeError,
      '"outAxes" must be an axis or an array of axes; received undefined',
    ],
    [
      'batch axes alone',
      () => heNormal({ batchAxes: 0 }),
      TypeError,
      '"inAxes" must be an axis or an array of axes; received undefined',
    ],
    [
      'bounds specified twice',
      () => truncatedNormal({ sigmas: 2, high: 1 }),
      RangeError,
      '"sigmas" cannot be combined with "low" or "high"',
    ],
    [
      'sigmas 0',
      () => truncatedNormal({ sigmas: 0 }),
      RangeError,
      '"sigmas" must be a number above 0, with a "std" above 0; received 0',
    ],
    [
      'std of a truncated normal below 0',
      () => truncatedNormal({ std: -1, low: 0, high: 1 }),
      RangeError,
      `"std" ${NOT_POSITIVE}; received -1`,
    ],
    [
      'two names of one thing',
      () => normal({ std: 1, stddev: 1 } as never),
      TypeError,
      '"normal" has no field "stddev"; its fields are mean, std (did you mean "std"?)',
    ],
    [
      'layers 0',
      () => residualNormal({ std: 1, layers: 0 }),
      RangeError,
      '"layers" must be a safe integer >= 1; received 0',
    ],
    [
      'no strategy',
      () => parseStrategy(undefined),
      TypeError,
      '"strategy" must be a strategy such as normal({ std: 0.02 }) or \'heNormal\'; received undefined',
    ],
    [
      'a function',
      () => parseStrategy(normal),
      TypeError,
      '"strategy" must be a strategy; received the function normal: call it, normal()',
    ],
    [
      'an unknown type',
      () => parseStrategy({ type: 'he' }),
      RangeError,
      `"strategy.type" must be one of ${STRATEGY_TYPES.map((type) => `'${type}'`).join(', ')}; received "he" (did you mean "heNormal"?)`,
    ],
    [
      'zeros with a field',
      () => parseStrategy({ type: 'zeros', value: 1 }),
      TypeError,
      '"zeros" has no field "value"; it takes none',
    ],
    [
      'an unknown nonlinearity',
      () => gain('swish' as never),
      RangeError,
      `"nonlinearity" must be one of 'linear', 'sigmoid', 'tanh', 'relu', 'leakyRelu', 'selu'; received "swish"`,
    ],
    ['slope NaN', () => gain('leakyRelu', NaN), RangeError, `"slope" ${NOT_FINITE}; received NaN`],
  ])('%s', (_, make, kind, message) => {
    expect(make).toThrow(errorOf(kind, message))
    expect(make).toThrow(kind)
  })
})
