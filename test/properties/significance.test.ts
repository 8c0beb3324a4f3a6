/**
 * The p-values that the statistical tests use. References: SciPy 1.17.1 (`kstwo`, `chi2`, `binom` with twice the smaller
 * tail); for the Anderson-Darling statistic, Imhof's inversion of its characteristic function.
 */

import { describe, expect, it } from 'vitest'
import {
  andersonDarlingPValue,
  binomialPValue,
  chiSquarePValue,
  kolmogorovPValue,
  normalPValue,
} from '../support/significance.ts'

const near = (found: number, expected: number, error: number) =>
  expect(Math.abs(found / expected - 1), `${found}, not ${expected}`).toBeLessThan(error)

describe('p-values', () => {
  it('of a normal statistic are two-sided', () => {
    expect(normalPValue(0)).toBe(1)
    near(normalPValue(-1.959963984540054), 0.05, 1e-12)
    near(normalPValue(4.891638475699152), 1e-6, 1e-11)
  })

  it.each([
    [0.03, 1000, 0.3226902143914636],
    [0.05, 1000, 0.013012074781090332],
    [0.06, 1000, 0.001428597887952891],
    [0.0008, 2 ** 20, 0.5129846666112157],
    [0.002, 2 ** 20, 0.0004542811830309449],
    [0.00262, 2 ** 20, 1.117641688503671e-6],
    [0.1, 128, 0.14438509944144817],
    [0.2, 128, 5.7912581749198073e-5],
  ])("of Kolmogorov's D = %d, n = %i", (D, n, p) => near(kolmogorovPValue(D, n), p, n < 1000 ? 0.1 : 0.02))

  it.each([
    [0.2, 0.9904125472846141],
    [0.7743, 0.49993566692801616],
    [1, 0.3572666732104619],
    [1.933, 0.09999462320853841],
    [2.492, 0.05002218635869082],
    [3.878, 0.01000140988434095],
    [8, 0.00011381415575695275],
    [9.999, 1.383e-5],
    [10.001, 1.38e-5],
    [12, 1.7102869955265554e-6],
  ])("of Anderson and Darling's %d", (z, p) => near(andersonDarlingPValue(z), p, z > 9 ? 0.05 : 1e-9))

  it.each([
    [0.5, 1, 0.47950012218695337],
    [24, 1, 9.63357008643095e-7],
    [3, 5, 0.6999858358786276],
    [50, 5, 1.3857973367009573e-9],
    [255, 255, 0.48822252177040637],
    [400, 255, 1.6600025244123397e-8],
    [1900, 2047, 0.9904704491728001],
    [2350, 2047, 2.942464898290424e-6],
    [4560, 4095, 3.4713600149825027e-7],
  ])('of a chi-square of %d, %i degrees of freedom', (x, freedom, p) =>
    near(chiSquarePValue(x, freedom), p, 1e-10),
  )

  it.each([
    [0, 10, 0.1, 0.6973568801999999],
    [7, 10, 0.3, 0.021184156799999992],
    [25, 1000, 0.01, 8.405841689673451e-5],
    [0, 2 ** 30, 1.97e-9, 0.2412011093598641],
    [9, 2 ** 30, 1.97e-9, 0.0007104578907561496],
    [2898000, 2 ** 30, 0.0026997960632601866, 0.6034052239690443],
    [2907000, 2 ** 30, 0.0026997960632601866, 1.8344182004822348e-6],
  ])('of %i successes of %i, %d each', (k, n, p, expected) => near(binomialPValue(k, n, p), expected, 1e-4))
})
