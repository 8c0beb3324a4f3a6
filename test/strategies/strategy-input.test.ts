import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  heNormal,
  normal,
  ones,
  parseStrategy,
  resolveDistribution,
  uniform,
  zeroRows,
  type NormalStrategy,
  type Strategy,
  type StrategyInput,
  type VarianceScalingStrategy,
} from '../../src/index.ts'
import { STRATEGY_TABLE } from '../../src/cli/strategy-table.ts'
import { STRATEGY_TYPES } from '../../src/strategies/strategy.ts'
import { SCALING_FACTORIES } from '../../src/strategies/variance-scaling.ts'
import { errorOf } from '../support/errors.ts'
import {
  FORMULA_STRATEGIES,
  MATRIX_STRATEGIES,
  STRATEGIES,
  ZERO_ROWS_STRATEGIES,
} from '../support/strategies.ts'

describe('a strategy is accepted', () => {
  it('as its name, if it needs no options', () => {
    expect(parseStrategy('heNormal')).toEqual(heNormal())
    expect(parseStrategy('ones')).toEqual(ones())
    expect(resolveDistribution('uniform')).toEqual(resolveDistribution(uniform()))
    expect(zeroRows({ rows: [0], strategy: 'normal' }).strategy).toEqual(normal())
  })

  it('as plain data without its defaults', () => {
    expect(parseStrategy({ type: 'normal', std: 0.02 })).toEqual(normal({ std: 0.02 }))
    expect(parseStrategy({ type: 'heNormal', mode: 'fanOut' })).toEqual(heNormal({ mode: 'fanOut' }))
    expect(parseStrategy({ type: 'zeroRows', rows: [1], strategy: { type: 'uniform', high: 2 } })).toEqual(
      zeroRows({ rows: [1], strategy: uniform({ high: 2 }) }),
    )
  })

  it('as any name, unless it has a required option', () => {
    for (const type of STRATEGY_TYPES) {
      try {
        expect(parseStrategy(type)).toEqual(parseStrategy({ type }))
      } catch (error) {
        expect((error as Error).message).toMatch(
          /^"(value|std|low|rows|sparsity)" must be .*; received undefined$/,
        )
      }
    }
  })
})

describe('what is not a strategy throws', () => {
  it.each<[string, unknown, new (message: string) => Error, string]>([
    [
      'a factory that is not called',
      heNormal,
      TypeError,
      '"strategy" must be a strategy; received the function heNormal: call it, heNormal()',
    ],
    [
      'a factory with required options that is not called',
      zeroRows,
      TypeError,
      '"strategy" must be a strategy; received the function zeroRows: call it, zeroRows({ ... })',
    ],
    [
      'a function without a name',
      () => normal(),
      TypeError,
      '"strategy" must be a strategy such as normal({ std: 0.02 }) or \'heNormal\'; received a function',
    ],
    [
      'a number',
      0.02,
      TypeError,
      '"strategy" must be a strategy such as normal({ std: 0.02 }) or \'heNormal\'; received 0.02',
    ],
  ])('%s', (_, value, kind, message) => {
    expect(() => parseStrategy(value)).toThrow(errorOf(kind, message))
  })

  it.each([
    ['heNorml', 'heNormal'],
    ['he_normal', 'heNormal'],
    ['truncated_normal', 'truncatedNormal'],
    ['Orthogonal', 'orthogonal'],
    ['norm', 'normal'],
  ])('the name %s suggests the nearest one: %s', (name, nearest) => {
    for (const value of [name, { type: name }]) {
      expect(() => parseStrategy(value)).toThrow(`; received "${name}" (did you mean "${nearest}"?)`)
    }
  })

  it('a name that resembles no other comes without a suggestion', () => {
    expect(() => parseStrategy('gaussian')).toThrow(/; received "gaussian"$/)
  })
})

it('the types accept names, plain data and strategies, and reject what would throw', () => {
  const inputs: StrategyInput[] = [
    'heNormal',
    { type: 'normal', std: 0.02 },
    { type: 'zeroRows', rows: [0], strategy: 'heNormal' },
    normal(),
    // @ts-expect-error there is no such name
    'heNorml',
    // @ts-expect-error the factory is not called
    heNormal,
    // @ts-expect-error `constant` requires a value
    'constant',
    // @ts-expect-error `constant` requires a value
    { type: 'constant' },
    // @ts-expect-error there is no such field
    { type: 'normal', stddev: 0.02 },
    // @ts-expect-error zeroRows within zeroRows
    { type: 'zeroRows', rows: [0], strategy: { type: 'zeroRows', rows: [1], strategy: 'ones' } },
  ]
  expect(inputs).toHaveLength(10)
  expectTypeOf(normal()).toEqualTypeOf<NormalStrategy>()
  expectTypeOf(normal().std).toBeNumber()
  expectTypeOf(heNormal()).toEqualTypeOf<VarianceScalingStrategy>()
  expectTypeOf<Strategy>().toExtend<StrategyInput>()
})

it('every type is in a list of test/support/strategies.ts and in the table of the command', () => {
  const listed = [STRATEGIES, FORMULA_STRATEGIES, MATRIX_STRATEGIES, ZERO_ROWS_STRATEGIES].flat()
  const tested = new Set<string>(listed.map(([, strategy]) => strategy.type))
  const types = new Set(STRATEGY_TYPES.map((name) => resolveName(name)))
  expect([...types].filter((type) => !tested.has(type))).toEqual([])

  const described = new Set<string>(STRATEGY_TABLE.map(({ name }) => name.replace(/\(.*/, '')))
  const names = STRATEGY_TYPES.filter((type) => !type.endsWith('TruncatedNormal')) // one row for all three
  expect(names.filter((name) => !described.has(name))).toEqual([])
})

/** The type of the strategy that a name stands for: `varianceScaling` for `heNormal`. */
function resolveName(name: (typeof STRATEGY_TYPES)[number]): string {
  return name in SCALING_FACTORIES ? 'varianceScaling' : name
}
