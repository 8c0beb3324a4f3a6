import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cos,
  erfc,
  exp,
  expm1,
  log,
  log1p,
  normalSurvival,
  normalDensity,
  sin,
} from '../../src/numeric/math.ts'
import vectors from '../vectors/math.json' with { type: 'json' }

describe('the functions', () => {
  it('use no operation that engines may round differently', () => {
    const code = readFileSync(new URL('../../src/numeric/math.ts', import.meta.url), 'utf8').replaceAll(
      /\/\*\*[^]*?\*\//g,
      '',
    )
    const used = new Set(code.match(/\bMath\.\w+|\*\*/g))
    expect([...used].toSorted()).toEqual(['Math.SQRT2', 'Math.round'])
  })

  // the vectors are rounded by at most 1.1e-16: within 2.3e-16 of them the true error is below 4e-16
  it.each([
    ['expm1', expm1, vectors.expm1],
    ['log', log, vectors.log],
    ['log1p', log1p, vectors.log1p],
    ['sin', sin, vectors.sin],
    ['cos', cos, vectors.cos],
  ] as const)('%s has a relative error below 2.3e-16 against the vectors', (_, f, list) => {
    expect(list.length).toBeGreaterThan(500)
    for (const [x, y] of list)
      if (!(Math.abs(f(x) - y) <= 2.3e-16 * Math.abs(y))) expect([x, f(x)]).toEqual([x, y])
  })
})

/** The largest relative error over the vectors with from <= x < to. */
function worst(f: (x: number) => number, list: number[][], from = -Infinity, to = Infinity): number {
  const errors = list.filter(([x]) => x >= from && x < to).map(([x, y]) => Math.abs(f(x) / y - 1))
  expect(errors.length).toBeGreaterThan(30)
  return Math.max(...errors)
}

describe('exp', () => {
  it('has a relative error below 4e-16 against the vectors, for |x| <= 700', () => {
    expect(worst(exp, vectors.exp, -700, 700.1)).toBeLessThan(4e-16)
  })

  it('is 1 at 0, and 0 or Infinity beyond the range of f64', () => {
    expect([exp(0), exp(-746), exp(-Infinity), exp(710), exp(Infinity)]).toEqual([
      1,
      0,
      0,
      Infinity,
      Infinity,
    ])
  })

  it('turns sums into products', () => {
    for (let x = -300; x < 300; x += 7.3) expect(exp(x + 1.5) / (exp(x) * exp(1.5))).toBeCloseTo(1, 12)
  })
})

describe('expm1', () => {
  it('equals tiny arguments, and is -1 or Infinity beyond the range of f64', () => {
    expect([0, 1e-300, -1e-17].map(expm1)).toEqual([0, 1e-300, -1e-17])
    expect([-41, -Infinity, 710, Infinity].map(expm1)).toEqual([-1, -1, Infinity, Infinity])
  })

  it('equals exp minus 1', () => {
    for (let x = -50; x < 709; x += 0.37)
      expect(Math.abs(expm1(x) - (exp(x) - 1))).toBeLessThan(1e-15 * (exp(x) + 1))
  })
})

describe('log', () => {
  it('is -Infinity at 0, Infinity at Infinity and NaN below 0', () => {
    expect([0, -0, Infinity, -1, -Infinity, NaN].map(log)).toEqual([
      -Infinity,
      -Infinity,
      Infinity,
      NaN,
      NaN,
      NaN,
    ])
    expect(log(1)).toBe(0)
  })

  it('is odd in the exponent: ln 2^-k equals -ln 2^k and -k ln 2', () => {
    for (let k = 1; k < 1023; k++) {
      expect(log(2 ** -k)).toBe(-log(2 ** k))
      expect(Math.abs(log(2 ** k) / k / Math.LN2 - 1)).toBeLessThan(5e-16)
    }
  })

  it('inverts exp', () => {
    const x = fc.double({ min: -700, max: 700, noNaN: true })
    fc.assert(fc.property(x, (x) => Math.abs(log(exp(x)) - x) <= 2e-16 * Math.abs(x) + 4e-16))
  })

  it('turns products into sums', () => {
    const x = fc.double({ min: 1e-150, max: 1e150, noNaN: true })
    fc.assert(
      fc.property(
        x,
        x,
        (x, y) => Math.abs(log(x * y) - log(x) - log(y)) <= 4e-16 * (1 + Math.abs(log(x)) + Math.abs(log(y))),
      ),
    )
  })
})

describe('log1p', () => {
  it('equals tiny arguments, and has the end values of log', () => {
    expect([0, 1e-300, -(2 ** -65)].map(log1p)).toEqual([0, 1e-300, -(2 ** -65)])
    expect([-1, -2, Infinity, NaN].map(log1p)).toEqual([-Infinity, NaN, Infinity, NaN])
  })
})

describe('sin and cos', () => {
  const angle = fc.double({ min: -(2 ** 20), max: 2 ** 20, noNaN: true })

  it('lie on the unit circle; sin is odd and cos even', () => {
    fc.assert(
      fc.property(angle, (x) => {
        expect(Math.abs(sin(x) ** 2 + cos(x) ** 2 - 1)).toBeLessThan(5e-16)
        expect([sin(-x) + 0, cos(-x)]).toEqual([0 - sin(x), cos(x)])
      }),
    )
  })

  it('satisfy the addition theorems', () => {
    // angles of 32 bits: their sum is exact
    const short = fc.integer({ min: -(2 ** 30), max: 2 ** 30 }).map((k) => k / 2 ** 12)
    fc.assert(
      fc.property(short, short, (x, y) => {
        expect(Math.abs(sin(x + y) - (sin(x) * cos(y) + cos(x) * sin(y)))).toBeLessThan(6e-16)
        expect(Math.abs(cos(x + y) - (cos(x) * cos(y) - sin(x) * sin(y)))).toBeLessThan(6e-16)
      }),
    )
  })

  it('are 0 and 1 at 0', () => expect([sin(0), cos(0)]).toEqual([0, 1]))
})

describe('erfc', () => {
  it.each([
    [-6, 1, 2e-15],
    [1, 2, 1.5e-13],
    [2, 6, 5e-15],
    [6, 26.1, 7e-14],
  ])('from %d to %d has a relative error below %d against the vectors', (from, to, bound) => {
    expect(worst(erfc, vectors.erfc, from, to)).toBeLessThan(bound)
  })

  it('has its known limits and its symmetry', () => {
    expect([erfc(0), erfc(Infinity), erfc(-Infinity)]).toEqual([1, 0, 2])
    for (let x = 0; x < 6; x += 0.11) expect(erfc(x) + erfc(-x)).toBeCloseTo(2, 14)
  })

  it('is continuous where the series hands over to the continued fraction', () => {
    const [below, above] = [erfc(2 - 2 ** -52), erfc(2)]
    expect(Math.abs(below / above - 1)).toBeLessThan(2e-13)
  })
})

describe('the standard normal', () => {
  it('has a density that is the slope of its upper tail', () => {
    const h = 2 ** -12
    for (let z = -5; z <= 5; z += 0.37) {
      const slope = (normalSurvival(z - h) - normalSurvival(z + h)) / (2 * h)
      expect(Math.abs(slope / normalDensity(z) - 1)).toBeLessThan(1e-6)
    }
  })

  it('has upper tails of 0 at Infinity, 1 at -Infinity and 1/2 at 0', () => {
    expect([Infinity, -Infinity, 0].map(normalSurvival)).toEqual([0, 1, 0.5])
    expect([Infinity, -Infinity].map(normalDensity)).toEqual([0, 0])
    expect(normalDensity(0)).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 16)
  })

  it('has the published tail probabilities', () => {
    // the masses beyond 1, 2 and 3 standard deviations, on both sides
    const beyond = [0.31731050786291415, 0.04550026389635842, 0.0026997960632601866]
    beyond.forEach((mass, i) => expect(2 * normalSurvival(i + 1)).toBeCloseTo(mass, 14))
  })
})
