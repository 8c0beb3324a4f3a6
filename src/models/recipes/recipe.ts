/**
 * Recipes as data: which strategy a parameter gets, by its name. The first rule that matches wins, and a parameter
 * that none matches is an error, never a default.
 *
 *   { "format": 1, "rules": [{ "match": "**.bias", "strategy": { "type": "zeros" } }, ...] }
 *
 * In a pattern `*` stands for any text within one dotted part, and a part `**` for any number of parts.
 */

import { InputError, createTypeError, createRangeError } from '../../errors/simdinit-error.ts'
import { checkObject, formatValue } from '../../errors/validate.ts'
import { parseStrategy, type Strategy } from '../../strategies/strategy.ts'

export interface Rule {
  readonly match: string
  readonly strategy: Strategy
}

export interface Recipe {
  readonly format: 1
  readonly rules: readonly Rule[]
}

/** Checks data that claims to be a recipe. */
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

/** Does the pattern match the whole name? */
export function matchesPattern(pattern: string, name: string): boolean {
  return matchWildcard(
    pattern.split('.'),
    name.split('.'),
    (part) => part === '**',
    (part, text) =>
      matchWildcard(
        [...part],
        [...text],
        (letter) => letter === '*',
        (a, b) => a === b,
      ),
  )
}

/** Greedy matching with one place to fall back to: linear in space, and never exponential in time. */
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
