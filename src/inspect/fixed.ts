/** Values that are the same whatever the seed is: constants, and formulas such as Whisper's positions, Mamba's A_log. */

import { isStructured } from '../maps.ts'
import { formulaOf, type Formula } from '../computed/formulas.ts'
import type { Distribution } from '../distribution.ts'
import type { Statistics } from './statistics.ts'

export function isFixed(distribution: Distribution): boolean {
  return distribution.type === 'constant' || formulaFor(distribution) !== undefined
}

/** The formula of fixed values that are not constant. */
export function formulaFor(distribution: Distribution): Formula | undefined {
  if (!('shape' in distribution) || isStructured(distribution)) return undefined
  const formula = formulaOf(distribution)
  return formula.drawn ? undefined : formula
}

/** Are the statistics those of the formula's values, each of them `stored` as the file does? */
export function agree(found: Statistics, { at, reach }: Formula, stored: (value: number) => number): boolean {
  let [sum, squares, min, max] = [0, 0, Infinity, -Infinity]
  for (let i = 0; i < found.count; i++) {
    const value = stored(at(i, 0))
    sum += value
    squares += value * value
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  const mean = sum / found.count
  const std = Math.sqrt(Math.max(0, squares / found.count - mean * mean))
  const near = (a: number, b: number) => Math.abs(a - b) <= 1e-5 * reach
  return found.min === min && found.max === max && near(found.mean, mean) && near(found.std, std)
}
