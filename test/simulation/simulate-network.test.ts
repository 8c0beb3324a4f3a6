/** Signal propagation in deep networks: closed forms, and the known effects of strategies. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ACTIVATIONS, type ActivationName } from '../../src/simulation/activations.ts'
import {
  createEngine,
  heNormal,
  normal,
  orthogonal,
  simulateNetwork,
  xavierNormal,
  type Strategy,
} from '../../src/index.ts'
import { rangeError, typeError } from '../support/errors.ts'
import { byTier, itSlow } from '../support/tier.ts'

const engines = await Promise.all(
  (['wasm', 'js'] as const).map((backend) => createEngine({ backend, threads: 1 })),
)

describe('a matrix product', () => {
  const size = fc.integer({ min: 0, max: 40 })
  it('agrees with f64 within rounding, and is the same from both engines', () => {
    fc.assert(
      fc.property(size, size, size, fc.boolean(), (rows, inner, columns, transposed) => {
        const [a, b] = [rows * inner, inner * columns].map((length, i) => {
          const data = new Float32Array(length)
          engines[0].fillSync(data, normal(), { name: `${i}` })
          return data
        })
        const [found, plain] = engines.map((engine) =>
          engine.matmul(a, b, { rows, inner, columns, transposed }),
        )
        expect(found).toEqual(plain)
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            let [sum, size] = [0, 0]
            for (let k = 0; k < inner; k++) {
              const term = (transposed ? a[k * rows + i] : a[i * inner + k]) * b[k * columns + j]
              sum += term
              size += Math.abs(term)
            }
            expect(Math.abs(found[i * columns + j] - sum)).toBeLessThanOrEqual(size * inner * 2 ** -23)
          }
        }
      }),
      { numRuns: byTier(20, 100) },
    )
  })

  it('checks the sizes', () => {
    const size = { rows: 2, inner: 3, columns: 2 }
    const make =
      (a: object, s: object = size) =>
      () =>
        engines[0].matmul(a as never, new Float32Array(6), s as never)
    expect(make(new Float32Array(5))).toThrow(rangeError('"a" must be a matrix of 6 elements; received 5'))
    expect(make([1, 2, 3, 4, 5, 6])).toThrow(
      typeError('"a" must be a Float32Array; received [1, 2, 3, 4, 5, 6]'),
    )
    expect(make(new Float32Array(6), { ...size, rows: -2 })).toThrow(
      '"rows" must be a safe integer >= 0; received -2',
    )
  })
})

describe('an activation', () => {
  const x = [-30, -3, -1, -0.1, 0.1, 1, 3, 30]
  it.each(Object.keys(ACTIVATIONS) as ActivationName[])('%s has the derivative of its values', (name) => {
    const { value, derivative } = ACTIVATIONS[name]
    for (const at of x) {
      const h = 1e-5
      expect(derivative(at, value(at))).toBeCloseTo((value(at + h) - value(at - h)) / (2 * h), 6)
    }
    expect(value(NaN)).toBeNaN()
  })

  it('has known values', () => {
    for (const at of x) {
      expect(ACTIVATIONS.tanh.value(at)).toBeCloseTo(Math.tanh(at), 14)
      expect(ACTIVATIONS.sigmoid.value(at)).toBeCloseTo(1 / (1 + Math.exp(-at)), 14)
      expect(ACTIVATIONS.silu.value(at)).toBeCloseTo(at / (1 + Math.exp(-at)), 12)
    }
    for (const at of [1e-30, -1e-12, 1e-6])
      expect(ACTIVATIONS.tanh.value(at) / Math.tanh(at)).toBeCloseTo(1, 14)
    // torch.nn.functional of 2.13: gelu, selu, silu, leaky_relu at -1
    expect(ACTIVATIONS.gelu.value(-1)).toBeCloseTo(-0.15865525393145707, 12)
    expect(ACTIVATIONS.selu.value(-1)).toBeCloseTo(-1.1113307378125625, 12)
    expect(ACTIVATIONS.leakyRelu.value(-1)).toBe(-0.01)
    expect(ACTIVATIONS.relu.value(-1)).toBe(0)
  })
})

describe('a deep network', () => {
  const run = (strategy: Strategy, activation: ActivationName, depth = 30) =>
    simulateNetwork(strategy, { depth, width: 128, samples: 128, activation })
  /** Growth of the variance per layer. */
  const growth = (first: number, last: number, layers: number) => (last / first) ** (1 / layers)

  it('that is linear multiplies variances by width * std^2, in both directions', async () => {
    const layers = await run(normal({ std: 0.1 }), 'linear')
    const [first, last] = [layers[0], layers[29]]
    expect(growth(first.activation.variance, last.activation.variance, 29)).toBeCloseTo(1.28, 1)
    expect(growth(last.gradient.variance, first.gradient.variance, 29)).toBeCloseTo(1.28, 1)
    expect(first.activation).toEqual(first.preActivation)
  })

  it('that is linear and orthogonal keeps the mean square', async () => {
    const layers = await run(orthogonal(), 'linear')
    const squares = layers.map(({ activation: { mean, variance } }) => variance + mean ** 2)
    for (const square of squares) expect(square / squares[0]).toBeCloseTo(1, 5)
  })

  it('loses all signals if the standard deviation is too small', async () => {
    for (const activation of ['tanh', 'relu'] as const) {
      const layers = await run(normal({ std: 0.01 }), activation)
      expect(layers[29].activation.variance).toBeLessThan(1e-20)
      expect(layers[0].gradient.variance).toBeLessThan(1e-20)
    }
  })

  it('explodes if the standard deviation is too large; tanh saturates, and its gradient explodes', async () => {
    const relu = await run(normal({ std: 1 }), 'relu', 20)
    expect(growth(relu[0].activation.variance, relu[19].activation.variance, 19)).toBeGreaterThan(40) // 128 / 2
    const tanh = await run(normal({ std: 1 }), 'tanh')
    expect(tanh[29].activation.variance).toBeGreaterThan(0.8)
    expect(tanh[0].gradient.variance).toBeGreaterThan(1e15)
  })

  it('reports an overflow of f32', async () => {
    const layers = await run(normal({ std: 1 }), 'relu', 60)
    expect(layers[59].activation.variance).not.toBeLessThan(Infinity)
  })

  it('keeps its scale with Xavier for tanh and He for ReLU; Xavier loses half per layer for ReLU', async () => {
    const tanh = await run(xavierNormal(), 'tanh')
    expect(tanh[29].activation.variance).toBeGreaterThan(0.01)
    expect(tanh[0].gradient.variance).toBeGreaterThan(0.01)
    expect(tanh[0].gradient.variance).toBeLessThan(10)
    const he = await run(heNormal(), 'relu')
    for (const { activation, gradient } of he) {
      for (const { variance } of [activation, gradient]) {
        expect(variance).toBeGreaterThan(0.05)
        expect(variance).toBeLessThan(20)
      }
    }
    const xavier = await run(xavierNormal(), 'relu')
    const lost = growth(xavier[0].activation.variance, xavier[29].activation.variance, 29)
    expect(lost).toBeGreaterThan(0.4)
    expect(lost).toBeLessThan(0.6)
  })

  it('is the same from both engines, and different with another seed', async () => {
    const options = { depth: 4, width: 21, samples: 13, activation: 'gelu' } as const
    const [fast, plain] = await Promise.all(
      engines.map((engine) => simulateNetwork(heNormal(), { ...options, engine })),
    )
    expect(fast).toEqual(plain)
    expect(await simulateNetwork(heNormal(), options)).toEqual(plain)
    expect(await simulateNetwork(heNormal(), { ...options, seed: 1 })).not.toEqual(plain)
  })

  it('takes a strategy by its name or as plain data, and returns plain objects', async () => {
    const options = { depth: 2, width: 8, samples: 4, engine: engines[0] }
    const layers = await simulateNetwork(heNormal(), options)
    expect(await simulateNetwork('heNormal', options)).toEqual(layers)
    expect(
      await simulateNetwork({ type: 'varianceScaling', scale: 2, distribution: 'normal' }, options),
    ).toEqual(layers)
    expect(structuredClone(layers)).toEqual(layers)
    expect(JSON.parse(JSON.stringify(layers))).toEqual(layers)
  })

  it('stops when the signal aborts', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(simulateNetwork(heNormal(), { signal })).rejects.toThrow('enough')
  })

  it.each([
    [{ depth: 0 }, '"depth" must be an integer from 1 to 1000; received 0'],
    [{ width: 1.5 }, '"width" must be an integer from 1 to 4096; received 1.5'],
    [
      { activation: 'swish' },
      `"activation" must be one of 'linear', 'relu', 'leakyRelu', 'tanh', 'sigmoid', 'gelu', 'silu', 'selu'; received "swish"`,
    ],
    [
      { batch: 3 },
      '"options" has no field "batch"; its fields are depth, width, activation, samples, seed, engine, signal',
    ],
  ])('rejects %o', async (options, message) => {
    await expect(simulateNetwork(heNormal(), options as object)).rejects.toThrow(message)
  })

  itSlow('is as docs/guides/deep-networks.md shows it', { timeout: 120_000 }, async () => {
    // @ts-expect-error plain JavaScript, without types
    const { generateFiles } = (await import('../../scripts/docs/deep-networks-page.mjs')) as {
      generateFiles: () => Promise<Record<string, string>>
    }
    for (const [file, text] of Object.entries(await generateFiles()))
      expect(readFileSync(file, 'utf8')).toBe(text)
  })
})
