/**
 * Recipes as data: rules that choose a strategy by the name of a parameter. The first matching rule applies. A
 * parameter without a matching rule is an error; it does not fall back to a default.
 *
 *   { "format": 1, "rules": [{ "match": "**.bias", "strategy": { "type": "zeros" } }, ...] }
 *
 * In a pattern, `*` matches any text within one dotted part, and a part `**` matches any number of parts.
 */

import { InputError, createTypeError, createRangeError } from '../../errors/simdinit-error.ts'
import { checkObject, formatValue } from '../../errors/validate.ts'
import { parseStrategy, type Strategy } from '../../strategies/strategy.ts'

/** A rule of a recipe. */
export interface Rule {
  /** A pattern for the names of parameters, such as `**.bias`; see `matchesPattern`. */
  readonly match: string
  /** The strategy of the parameters that match. */
  readonly strategy: Strategy
}

/** A recipe as data: rules that choose a strategy by the name of a parameter. */
export interface Recipe {
  /** The version of this format. */
  readonly format: 1
  /** The rules in order: the first one that matches a parameter applies. */
  readonly rules: readonly Rule[]
}

/**
 * Checks a recipe and normalizes its strategies.
 * @param json Parsed JSON: `{ format: 1, rules: [{ match, strategy }, ...] }`. Strategies may use any name that the
 *   library accepts, such as `heNormal`.
 * @returns The recipe, with each strategy in its canonical form.
 * @throws {InputError} If the data is not a valid recipe; the message names the rule and the field.
 * @example
 * import { parseRecipe } from 'simdinit/models'
 *
 * const { rules } = parseRecipe({ format: 1, rules: [{ match: '**.bias', strategy: { type: 'zeros' } }] })
 * console.log(rules[0].strategy) // { type: 'zeros' }
 */
export function parseRecipe(json: unknown): Recipe {
  try {
    const { format, rules } = checkObject('recipe', json, ['format', 'rules'])
    if (format !== 1) throw createRangeError(`"format" must be 1; received ${formatValue(format)}`)
    if (!Array.isArray(rules)) throw createTypeError(`"rules" must be a list; received ${formatValue(rules)}`)
    return { format: 1, rules: rules.map((rule, index) => parseRule(rule, index)) }
  } catch (error) {
    throw new InputError(`recipe: ${(error as Error).message}`, { cause: error })
  }
}

function parseRule(json: unknown, index: number): Rule {
  const { match, strategy } = checkObject(`rules[${index}]`, json, ['match', 'strategy'])
  if (typeof match !== 'string' || match === '') {
    throw createTypeError(
      `"rules[${index}].match" must be a pattern such as "**.bias"; received ${formatValue(match)}`,
    )
  }
  return { match, strategy: parseStrategy(strategy, `rules[${index}].strategy`) }
}

/** The strategy of a parameter. Throws an InputError if no rule matches. */
export function findStrategy(name: string, recipe: Recipe): Strategy {
  const rule = recipe.rules.find(({ match }) => matchesPattern(match, name))
  if (!rule) throw new InputError(`no rule of the recipe matches the parameter ${formatValue(name)}`)
  return rule.strategy
}

/**
 * Tests a name against a pattern. `*` matches any text within one dotted part, and a part `**` matches any number of
 * parts, including none. The pattern must match the whole name.
 * @param pattern Such as `transformer.h.*.ln_*.weight` or `**.bias`.
 * @param name The name of a parameter.
 * @returns Whether the pattern matches.
 * @throws Never.
 * @example
 * import { matchesPattern } from 'simdinit/models'
 *
 * console.log(matchesPattern('**.bias', 'h.0.ln_1.bias')) // true
 * console.log(matchesPattern('*.bias', 'h.0.ln_1.bias')) // false
 */
export function matchesPattern(pattern: string, name: string): boolean {
  return matchWildcard(
    pattern.split('.'),
    name.split('.'),
    (part) => part === '**',
    (part, text) =>
      matchWildcard(
        [...part],
        [...text],
        (character) => character === '*',
        (a, b) => a === b,
      ),
  )
}

/** Greedy matching that backtracks to the last star only: linear space and polynomial time. */
function matchWildcard<T>(
  pattern: readonly T[],
  text: readonly T[],
  isStar: (p: T) => boolean,
  equals: (p: T, t: T) => boolean,
): boolean {
  let [p, t] = [0, 0]
  let [star, resume] = [-1, 0]
  while (t < text.length) {
    if (p < pattern.length && isStar(pattern[p])) {
      star = p++
      resume = t
    } else if (p < pattern.length && equals(pattern[p], text[t])) {
      p++
      t++
    } else if (star >= 0) {
      p = star + 1
      t = ++resume
    } else return false
  }
  while (p < pattern.length && isStar(pattern[p])) p++
  return p === pattern.length
}
