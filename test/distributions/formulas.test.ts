/** Strategies whose elements are computed one by one: their values, and agreement of every engine. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileFormula } from '../../src/distributions/formulas.ts'
import { decode, encode, FORMATS } from '../../src/numeric/dtypes.ts'
import {
  parseStrategy,
  arange,
  bilinear,
  createEngine,
  dirac,
  resolveDistribution,
  DTYPES,
  forgetGateBias,
  griffinRecurrence,
  identity,
  logArange,
  logOfUniform,
  logUniform,
  mambaDtBias,
  effectiveStd,
  sinusoidal,
  stft,
  type Layout,
  type Strategy,
} from '../../src/index.ts'
import { ENGINES } from '../support/engines.ts'
import { FORMULA_STRATEGIES, SAMPLED_FORMULAS } from '../support/strategies.ts'
import { rangeError, typeError } from '../support/errors.ts'
import { byTier } from '../support/tier.ts'

const js = await createEngine({ backend: 'js', memory: 2 ** 20 })

function valuesOf(strategy: Strategy, shape: number[], layout?: Layout): number[] {
  const data = new Float32Array(shape.reduce((product, n) => product * n, 1))
  js.fillSync(data, strategy, { seed: 1, name: 'w', shape, layout })
  return [...data]
}

describe.each(byTier(ENGINES.slice(1, 2), ENGINES))('%s', (_, make) => {
  it.each(FORMULA_STRATEGIES)(
    'equals the reference, as a whole, from any offset and in any slice: %s',
    async (_, strategy, shape) => {
      const engine = await make()
      for (const dtype of byTier(['f32', 'f16'] as const, DTYPES)) {
        const options = { seed: 7, name: 'w', dtype, shape }
        const whole = (await engine.tensor(shape, strategy, { seed: 7, name: 'w', dtype })).data
        const expected = (await js.tensor(shape, strategy, { seed: 7, name: 'w', dtype })).data
        expect(whole).toEqual(expected)
        const allocation = engine.lend(whole.length, dtype)
        await engine.fill(allocation.data, strategy, options)
        expect(allocation.data.slice()).toEqual(whole)

        const offset = whole.length >> 1
        const tail = whole.slice(offset).fill(0)
        engine.fillSync(tail, strategy, { ...options, offset })
        expect(tail).toEqual(whole.slice(offset))

        const slice = shape.map((n) => [n >> 2, n] as const)
        const part = (await engine.tensor(shape, strategy, { seed: 7, name: 'w', dtype, slice })).data
        const places = [...whole.keys()].filter((i) => {
          let [rest, inside] = [i, true]
          for (let axis = shape.length - 1; axis >= 0; axis--) {
            if (rest % shape[axis] < slice[axis][0]) inside = false
            rest = Math.floor(rest / shape[axis])
          }
          return inside
        })
        expect([...part]).toEqual(places.map((i) => whole[i]))
      }
      await engine.close()
    },
  )
})

describe('formula strategies', () => {
  it.each(FORMULA_STRATEGIES)(
    '%s: is plain data that survives JSON, as does its distribution',
    (_, strategy, shape) => {
      expect(parseStrategy(JSON.parse(JSON.stringify(strategy)))).toEqual(strategy)
      const distribution = resolveDistribution(strategy, shape)
      expect(JSON.parse(JSON.stringify(distribution))).toEqual(distribution)
    },
  )

  it.each(FORMULA_STRATEGIES)('%s: a narrower dtype is the f32 value, rounded once', (_, strategy, shape) => {
    const exact = valuesOf(strategy, shape)
    for (const dtype of DTYPES.filter((dtype) => dtype !== 'f32')) {
      const data = new FORMATS[dtype].arrayType(exact.length)
      js.fillSync(data, strategy, { seed: 1, name: 'w', shape, dtype })
      expect([...data]).toEqual(exact.map((value) => encode(dtype, value)))
      expect(Number.isFinite(decode(dtype, data[0]))).toBe(true)
    }
  })

  it.each(FORMULA_STRATEGIES)('%s: no value exceeds maxAbs', (_, strategy, shape) => {
    const { maxAbs } = compileFormula(resolveDistribution(strategy, shape) as never)
    expect(Math.max(...valuesOf(strategy, shape).map(Math.abs))).toBeLessThanOrEqual(Math.fround(maxAbs))
  })

  it.each(SAMPLED_FORMULAS)(
    '%s: the reported standard deviation is that of the values',
    (_, strategy, shape) => {
      const values = valuesOf(strategy, shape)
      const mean = values.reduce((a, b) => a + b) / values.length
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length
      const std = effectiveStd(resolveDistribution(strategy, shape))
      expect(Math.abs(Math.sqrt(variance) / std - 1)).toBeLessThan(0.05)
    },
  )

  it('are the same for any seed if they draw nothing, and report a standard deviation of 0', () => {
    for (const [, strategy, shape] of FORMULA_STRATEGIES.slice(0, -4)) {
      const length = shape.reduce((product, n) => product * n, 1)
      const [a, b] = [new Float32Array(length), new Float32Array(length)]
      js.fillSync(a, strategy, { seed: 1, name: 'a', shape })
      js.fillSync(b, strategy, { seed: 2, name: 'b', shape })
      expect(a).toEqual(b)
      expect(effectiveStd(resolveDistribution(strategy, shape))).toBe(0)
    }
  })

  it('accept empty shapes', () => {
    expect(valuesOf(identity(), [0, 5])).toEqual([])
    expect(valuesOf(sinusoidal(), [0, 4])).toEqual([])
    expect(valuesOf(logUniform({ low: 1, high: 2 }), [0])).toEqual([])
  })
})

describe('identity', () => {
  it('multiplies a vector by its gain, up to the shorter side', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (rows, columns) => {
        const w = valuesOf(identity({ gain: 3 }), [rows, columns])
        const x = Array.from({ length: columns }, (_, j) => j + 1)
        const y = Array.from({ length: rows }, (_, i) =>
          x.reduce((sum, xj, j) => sum + w[i * columns + j] * xj, 0),
        )
        expect(y).toEqual(Array.from({ length: rows }, (_, i) => (i < columns ? 3 * (i + 1) : 0)))
      }),
    )
  })
})

describe('dirac', () => {
  /** The loop of torch.nn.init.dirac_. */
  function torchDirac([out, into, ...kernel]: number[], groups: number): number[] {
    const size = kernel.reduce((product, n) => product * n, 1)
    const middle = kernel.reduce((at, n) => at * n + Math.floor(n / 2), 0)
    const values = Array.from({ length: out * into * size }, () => 0)
    const perGroup = out / groups
    for (let g = 0; g < groups; g++) {
      for (let d = 0; d < Math.min(perGroup, into); d++) {
        values[((g * perGroup + d) * into + d) * size + middle] = 1
      }
    }
    return values
  }

  it.each([
    [[4, 4, 3], 1],
    [[6, 2, 4], 3],
    [[3, 5, 3, 2], 1],
    [[8, 4, 3, 4], 2],
    [[2, 2, 3, 2, 4], 1],
  ])("of %j in %d groups equals PyTorch's", (shape, groups) => {
    expect(valuesOf(dirac({ groups }), shape)).toEqual(torchDirac(shape, groups))
  })

  it('is the transpose with channels last; centers of even kernels differ', () => {
    const at = (values: number[], shape: number[], ...index: number[]) =>
      values[index.reduce((sum, i, axis) => sum * shape[axis] + i, 0)]
    const [first, last] = [
      [6, 4, 3, 2],
      [3, 2, 4, 6],
    ]
    const [oi, io] = [valuesOf(dirac(), first), valuesOf(dirac(), last, 'io')]
    const lower = valuesOf(dirac({ center: 'lower' }), first)
    for (let o = 0; o < 6; o++) {
      for (let i = 0; i < 4; i++) {
        for (let y = 0; y < 3; y++) {
          expect(at(io, last, y, 1, i, o)).toBe(at(oi, first, o, i, y, 1))
          expect(at(lower, first, o, i, y, 0)).toBe(at(oi, first, o, i, y, 1))
        }
      }
    }
  })
})

describe('bilinear', () => {
  it('is the tent filter that doubles an image, separable and of weight 4', () => {
    const kernel = valuesOf(bilinear(), [1, 1, 4, 4])
    const tent = [0.25, 0.75, 0.75, 0.25]
    expect(kernel).toEqual(tent.flatMap((y) => tent.map((x) => x * y)))
    expect(kernel.reduce((a, b) => a + b)).toBe(4)
  })
})

describe('forgetGateBias', () => {
  it('is 1 in the second of four parts, or the given value in the given part', () => {
    expect(valuesOf(forgetGateBias(), [8])).toEqual([0, 0, 1, 1, 0, 0, 0, 0])
    expect(valuesOf(forgetGateBias({ value: 2, gates: 3, gate: 0 }), [3])).toEqual([2, 0, 0])
  })
})

describe('ranges', () => {
  it('vary along their axis', () => {
    expect(valuesOf(arange({ axis: 0 }), [3, 2])).toEqual([0, 0, 1, 1, 2, 2])
    expect(valuesOf(arange({ start: 1, step: -2 }), [2, 3])).toEqual([1, -1, -3, 1, -1, -3])
    expect(valuesOf(arange({ axis: 1 }), [1, 2, 2])).toEqual([0, 0, 1, 1])
  })

  it('on a logarithmic scale contain the A_log of Mamba: ln 1 to ln 16 in every row', () => {
    const rows = valuesOf(logArange(), [3, 16])
    expect(rows).toEqual(Array.from({ length: 48 }, (_, i) => Math.fround(Math.log((i % 16) + 1))))
  })
})

describe('sinusoidal', () => {
  it('interleaves sine and cosine of p 10000^(-2i / width)', () => {
    const width = 64
    for (const [i, value] of valuesOf(sinusoidal(), [600, width]).entries()) {
      const [p, j] = [Math.floor(i / width), i % width]
      const angle = p * 10000 ** (-(j - (j % 2)) / width)
      expect(Math.abs(value - (j % 2 ? Math.cos(angle) : Math.sin(angle)))).toBeLessThan(1e-7)
    }
  })

  it("in halves equals Whisper's", () => {
    const width = 16
    for (const [i, value] of valuesOf(sinusoidal({ arrangement: 'halves' }), [600, width]).entries()) {
      const [p, j] = [Math.floor(i / width), i % width]
      const angle = p * Math.exp((-Math.log(10000) / (width / 2 - 1)) * (j % (width / 2)))
      expect(Math.abs(value - (j < width / 2 ? Math.sin(angle) : Math.cos(angle)))).toBeLessThan(1e-7)
    }
  })
})

describe('stft', () => {
  it('finds the bin of a wave, and nothing in the other bins', () => {
    const [frame, bins] = [32, 17]
    const real = valuesOf(stft({ window: 'none' }), [frame, 1, bins])
    const imag = valuesOf(stft({ window: 'none', side: 'imag' }), [frame, 1, bins])
    for (const bin of [0, 3, 16]) {
      const wave = Array.from({ length: frame }, (_, t) => Math.cos((2 * Math.PI * bin * t) / frame))
      const power = Array.from({ length: bins }, (_, f) => {
        const [re, im] = [real, imag].map((basis) =>
          wave.reduce((sum, x, t) => sum + x * basis[t * bins + f], 0),
        )
        return Math.hypot(re, im)
      })
      const whole = bin === 3 ? frame / 2 : frame
      expect(power.map((p) => Math.round(p * 1e4) / 1e4)).toEqual(
        power.map((_, f) => (f === bin ? whole : 0)),
      )
    }
  })

  it('has the windows of SciPy, scaled as Keras scales them', () => {
    const first = (options: object) => valuesOf(stft(options), [4, 1, 3]).filter((_, i) => i % 3 === 0)
    const hann = [0, 0.75, 0.75, 0] // scipy.signal.get_window('hann', 4, fftbins=False)
    expect(first({ scaling: 'none' }).map((x) => Number(x.toFixed(6)))).toEqual(hann)
    expect(first({ scaling: 'spectrum' }).reduce((a, b) => a + b)).toBeCloseTo(1, 6)
    expect(first({}).reduce((a, b) => a + b * b, 0)).toBeCloseTo(1, 6)
    expect(first({ scaling: 'none', periodic: true }).map((x) => Number(x.toFixed(6)))).toEqual([
      0, 0.5, 1, 0.5,
    ])
    expect(first({ scaling: 'none', window: 'hamming' })[0]).toBeCloseTo(0.08, 6)
  })
})

describe('sampled formulas', () => {
  /** The largest distance between the fraction of values below x and its distribution function. */
  function distance(values: number[], law: (x: number) => number): number {
    return [...values]
      .toSorted((a, b) => a - b)
      .reduce((worst, x, i) => Math.max(worst, Math.abs((i + 0.5) / values.length - law(x))), 0)
  }
  const n = 20_000
  const gate = 2.7 / Math.sqrt(n) // the critical value of Kolmogorov's D at p = 1e-6

  it('log-uniform: every decade is equally likely', () => {
    const values = valuesOf(logUniform({ low: 1e-3, high: 1e3 }), [n])
    expect(distance(values, (x) => (Math.log10(x) + 3) / 6)).toBeLessThan(gate)
  })

  it('log of uniform: the exponential of the values is uniform', () => {
    const values = valuesOf(logOfUniform({ low: 1, high: 16 }), [n])
    expect(distance(values, (x) => (Math.exp(x) - 1) / 15)).toBeLessThan(gate)
  })

  it("the softplus of Mamba's bias is a log-uniform time step from 0.001 to 0.1", () => {
    const steps = valuesOf(mambaDtBias(), [n]).map((bias) => Math.log1p(Math.exp(bias)))
    expect(Math.min(...steps)).toBeGreaterThan(0.001 * (1 - 1e-6))
    expect(Math.max(...steps)).toBeLessThan(0.1 * (1 + 1e-6))
    expect(distance(steps, (dt) => Math.log(dt / 0.001) / Math.log(100))).toBeLessThan(gate)
    const floored = valuesOf(mambaDtBias({ low: 1e-6, high: 1e-5 }), [5]).map((bias) =>
      Math.log1p(Math.exp(bias)),
    )
    for (const dt of floored) expect(dt).toBeCloseTo(1e-4, 9)
  })

  it("the squares of the decays of Griffin's recurrence are uniform", () => {
    const decays = valuesOf(griffinRecurrence(), [n]).map((x) => Math.exp(-Math.log1p(Math.exp(x))))
    const [low, high] = [0.9 ** 2, 0.999 ** 2]
    expect(distance(decays, (a) => (a ** 2 - low) / (high - low))).toBeLessThan(gate)
  })
})

describe('invalid options and shapes throw descriptive errors', () => {
  it.each([
    [identity(), [3], '"shape" must be of rank 2; received [3]'],
    [dirac(), [3, 3], '"shape" must be of rank 3 to 5; received [3, 3]'],
    [dirac({ groups: 2 }), [3, 3, 3], '"groups" must be a divisor of the 3 output channels; received 2'],
    [bilinear(), [3, 3, 3], '"shape" must be of rank 4, [.., .., height, width]; received [3, 3, 3]'],
    [
      forgetGateBias(),
      [6],
      '"shape" must be one dimension that 4, the number of gates, divides; received [6]',
    ],
    [arange({ axis: 2 }), [3, 3], '"axis" must be an axis of a shape of rank 2; received 2'],
    [
      sinusoidal({ arrangement: 'halves' }),
      [3, 5],
      '"shape" must be a shape whose width is even and 4 or more; received [3, 5]',
    ],
    [stft(), [4, 2, 3], '"shape" must be [frame, 1, bins] with two bins or more; received [4, 2, 3]'],
  ])('%j of %j', (strategy, shape, message) => {
    expect(() => resolveDistribution(strategy, shape)).toThrow(rangeError(message))
  })

  it.each([
    [() => logUniform({ low: 0, high: 1 }), '"low" must be a number above 0; received 0'],
    [() => logOfUniform({ low: 2, high: 1 }), '"high" must be a number above "low" (2); received 1'],
    [() => griffinRecurrence({ high: 1 }), '"high" must be a number below sqrt(1 - 1e-8); received 1'],
    [
      () => griffinRecurrence({ high: 1 - 1e-9 }),
      '"high" must be a number below sqrt(1 - 1e-8); received 0.999999999',
    ],
    [() => logArange({ start: 0 }), '"start" must be a number above 0; received 0'],
    [() => sinusoidal({ max: 1 }), '"max" must be a number above 1; received 1'],
    [() => forgetGateBias({ gate: 4 }), '"gate" must be an integer from 0 to 3; received 4'],
    [
      () => dirac({ center: 'middle' as never }),
      `"center" must be one of 'upper', 'lower'; received "middle"`,
    ],
  ])('%s', (make, message) => {
    expect(make).toThrow(rangeError(message))
  })

  it('an unknown field, a missing shape, and a value that the dtype cannot hold', () => {
    expect(() => identity({ scale: 1 } as never)).toThrow(
      typeError('"identity" has no field "scale"; its fields are gain'),
    )
    const data = new Float32Array(4)
    expect(() => js.fillSync(data, identity(), { name: 'w' })).toThrow(
      '"shape" must be of rank 2, since the strategy reads it; received undefined',
    )
    const half = new Uint16Array(4)
    expect(() =>
      js.fillSync(half, identity({ gain: 1e6 }), { name: 'w', shape: [2, 2], dtype: 'f16' }),
    ).toThrow(RangeError)
    expect(half).toEqual(new Uint16Array(4))
  })
})
