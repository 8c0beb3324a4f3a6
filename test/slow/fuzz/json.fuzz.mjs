/** Any text as a config, an index and a recipe: what is refused is refused in a sentence, and nothing is kept of it. */

import assert from 'node:assert/strict'
import { parseWeightMap } from '../../../dist/inspect/index.js'
import { parseRecipe, formatJson, InputError, parseJson, planModel } from '../../../dist/models/index.js'

function refusedOr(make) {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    assert.ok(error.message.length < 2000)
    return undefined
  }
}

export function fuzz(input) {
  let value
  try {
    value = parseJson(input.toString())
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return
  }
  assert.deepEqual(parseJson(formatJson(value)), value)
  refusedOr(() => planModel(value))
  refusedOr(() => parseRecipe(value))
  for (const file of refusedOr(() => parseWeightMap(value))?.values() ?? []) {
    assert.ok(!file.split(/[/\\]/).includes('..') && !/^[/\\]|:/.test(file), file)
  }
  assert.equal(Object.keys(Object.prototype).length, 0)
}
