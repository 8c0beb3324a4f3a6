import { describe, expect, it } from 'vitest'
import { erfc, exp, normalAbove, normalDensity } from '../src/math.ts'
import vectors from './vectors/math.json' with { type: 'json' }

/** The largest relative error over the vectors with from <= x < to. */
function worst(f: (x: number) => number, list: number[][], from = -Infinity, to = Infinity): number {
  const errors = list.filter(([x]) => x >= from && x < to).map(([x, y]) => Math.abs(f(x) / y - 1))
  expect(errors.length).toBeGreaterThan(30)
  return Math.max(...errors)
}

describe('exp', () => {
  it('is within 4e-16 of the vectors, relatively, for |x| <= 700', () => {
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

  it('of a sum is the product', () => {
    for (let x = -300; x < 300; x += 7.3) expect(exp(x + 1.5) / (exp(x) * exp(1.5))).toBeCloseTo(1, 12)
  })
})

describe('erfc', () => {
  it.each([
    [-6, 1, 2e-15],
    [1, 2, 1.5e-13],
    [2, 6, 5e-15],
    [6, 26.1, 7e-14],
  ])('from %d to %d is within %d of the vectors, relatively', (from, to, bound) => {
    expect(worst(erfc, vectors.erfc, from, to)).toBeLessThan(bound)
  })

  it('has its known ends and its symmetry', () => {
    expect([erfc(0), erfc(Infinity), erfc(-Infinity)]).toEqual([1, 0, 2])
    for (let x = 0; x < 6; x += 0.11) expect(erfc(x) + erfc(-x)).toBeCloseTo(2, 14)
  })

  it('does not jump where the series hands over to the continued fraction', () => {
    const [below, above] = [erfc(2 - 2 ** -52), erfc(2)]
    expect(Math.abs(below / above - 1)).toBeLessThan(2e-13)
  })
})

describe('the standard normal', () => {
  it('has a density that is the slope of the fraction above', () => {
    const h = 2 ** -12
    for (let z = -5; z <= 5; z += 0.37) {
      const slope = (normalAbove(z - h) - normalAbove(z + h)) / (2 * h)
      expect(Math.abs(slope / normalDensity(z) - 1)).toBeLessThan(1e-6)
    }
  })

  it('has nothing above Infinity, all above -Infinity and half above 0', () => {
    expect([Infinity, -Infinity, 0].map(normalAbove)).toEqual([0, 1, 0.5])
    expect([Infinity, -Infinity].map(normalDensity)).toEqual([0, 0])
    expect(normalDensity(0)).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 16)
  })

  it('has the fractions of the published tables', () => {
    // the masses beyond 1, 2 and 3 standard deviations, on both sides
    const beyond = [0.31731050786291415, 0.04550026389635842, 0.0026997960632601866]
    beyond.forEach((mass, i) => expect(2 * normalAbove(i + 1)).toBeCloseTo(mass, 14))
  })
})
