/**
 * TensorFlow.js: every class of tf.initializers compared with its counterpart in simdinit/tfjs, and the defects that
 * the strategies do not share: a variance not corrected for truncation, ignored zeros and an ignored seed 0. The package
 * is that of bench/baselines; `npm run test:reference` installs it. A new initializer needs a new row.
 */

import { describe, expect, it, type TestContext } from 'vitest'
import * as tfjs from '../../src/compat/tfjs.ts'
import {
  createEngine,
  resolveDistribution,
  heTruncatedNormal,
  lecunTruncatedNormal,
  normal,
  effectiveStd,
  uniform,
  xavierTruncatedNormal,
  type Strategy,
} from '../../src/index.ts'
import { computeSampleStats } from '../support/moments.ts'
import { computeZScores, loadTensorFlow } from '../support/oracles.ts'

interface Tensorflow {
  initializers: Record<string, (options: object) => { apply(shape: number[]): { dataSync(): Float32Array } }>
}

type Options = Record<string, unknown>
const theirs = (context: TestContext, name: string, options: Options, shape: number[]) =>
  loadTensorFlow<Tensorflow>(context).initializers[name](options).apply(shape).dataSync()

const engine = await createEngine()
const ours = async (strategy: Strategy, shape: number[]) =>
  (await engine.tensor(shape, strategy, { name: 'w', seed: 1 })).data

const MATRIX = [200, 500]
const IMAGES = [5, 5, 40, 100]
type Row = [name: string, options: Options, shape?: number[]]

const DRAWN: Row[] = [
  ['randomUniform', {}],
  ['randomUniform', { minval: -1, maxval: 3 }],
  ['randomNormal', {}],
  ['randomNormal', { mean: 2, stddev: 0.3 }],
  ['truncatedNormal', {}],
  ['truncatedNormal', { mean: -1, stddev: 2 }],
  ['varianceScaling', {}],
  ['varianceScaling', { scale: 3, mode: 'fanOut', distribution: 'normal' }],
  ['varianceScaling', { scale: 0.5, mode: 'fanAvg', distribution: 'uniform' }, IMAGES],
  ...['glorotNormal', 'glorotUniform', 'heNormal', 'heUniform', 'leCunNormal', 'leCunUniform'].flatMap(
    (name): Row[] => [
      [name, {}],
      [name, {}, IMAGES],
    ],
  ),
  ['heUniform', {}, [2, 3, 4, 50, 80]], // five dimensions
  ['heUniform', {}, [30, 40, 100]], // three dimensions
  ['orthogonal', {}, [30, 40]],
  ['orthogonal', { gain: 2 }, [5, 7, 20]],
  ['heNormal', {}, [90_000]], // one dimension: both fans are the square root of the size
]

const FIXED: Row[] = [
  ['zeros', {}, [3, 4]],
  ['ones', {}, [5]],
  ['constant', { value: 0.3 }, [2, 2, 2]],
  ['identity', {}, [5, 5]],
  ['identity', { gain: 0.5 }, [3, 3]],
]

const strategyOf = (name: string, options: Options) =>
  (tfjs as unknown as Record<string, (options: Options) => Strategy>)[name](options)

describe('TensorFlow.js', () => {
  it('has no initializer that is not compared here', (context) => {
    const compared = new Set([...DRAWN, ...FIXED].map(([name]) => name))
    const left = Object.keys(loadTensorFlow<Tensorflow>(context).initializers).filter(
      (name) => !compared.has(name),
    )
    expect(left).toEqual([])
  })

  it.for(DRAWN)(
    'draws from the same distribution: %s %j %j',
    async ([name, options, shape = MATRIX], context) => {
      const found = computeSampleStats(theirs(context, name, { ...options, seed: 7 }, shape))
      const own = computeSampleStats(await ours(strategyOf(name, options), shape))
      for (const [what, errors] of Object.entries(computeZScores(own, found))) {
        expect(Math.abs(errors), what).toBeLessThan(5)
      }
      if (own.kurtosis > 2.9) return
      expect(Math.abs(own.min - found.min)).toBeLessThan(2e-3 * own.std)
      expect(Math.abs(own.max - found.max)).toBeLessThan(2e-3 * own.std)
    },
  )

  it.for(FIXED)('gives the same values: %s %j', async ([name, options, shape = MATRIX], context) => {
    expect(await ours(strategyOf(name, options), shape)).toEqual(theirs(context, name, options, shape))
  })

  it.for([
    ['heNormal', heTruncatedNormal({ layout: 'io' }), 2 / 200],
    ['glorotNormal', xavierTruncatedNormal({ layout: 'io' }), 2 / 700],
    ['leCunNormal', lecunTruncatedNormal({ layout: 'io' }), 1 / 200],
  ] as const)(
    'does not correct the variance of %s for truncation, which leaves 0.77 of it; simdinit does',
    async ([name, strategy, variance], context) => {
      const found = computeSampleStats(theirs(context, name, { seed: 7 }, MATRIX))
      expect(found.std ** 2 / variance).toBeCloseTo(0.7737, 1)
      expect(found.std ** 2 / variance).toBeLessThan(0.8)
      const own = computeSampleStats(await ours(strategy, MATRIX))
      expect(Math.abs(own.std ** 2 / variance - 1)).toBeLessThan(0.02)
      expect(effectiveStd(resolveDistribution(strategy, MATRIX)) ** 2 / variance).toBeCloseTo(1, 12)
    },
  )

  it('ignores the seed 0 of a normal, and a bound or standard deviation of 0; simdinit honors them', async (context) => {
    const twice = [1, 2].map(() => theirs(context, 'heNormal', { seed: 0 }, [9, 9]))
    expect(twice[0]).not.toEqual(twice[1])
    const [again, once] = [1, 2].map(() => engine.tensor([9, 9], tfjs.heNormal(), { name: 'w', seed: 0 }))
    expect((await again).data).toEqual((await once).data)

    expect(
      Math.min(...theirs(context, 'randomUniform', { minval: 0, maxval: 1, seed: 1 }, MATRIX)),
    ).toBeLessThan(0)
    expect(Math.min(...(await ours(uniform({ low: 0, high: 1 }), MATRIX)))).toBeGreaterThanOrEqual(0)
    expect(
      computeSampleStats(theirs(context, 'randomNormal', { stddev: 0, seed: 1 }, MATRIX)).std,
    ).toBeGreaterThan(0.04)
    expect(computeSampleStats(await ours(normal({ std: 0 }), MATRIX)).std).toBe(0)
  })
})
