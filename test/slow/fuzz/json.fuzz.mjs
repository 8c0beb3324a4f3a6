/** Any text as a config, an index and a recipe: it is accepted or fails with a documented error, and leaves no state. */

import assert from 'node:assert/strict'
import { parseWeightMap } from '../../../dist/inspect/index.js'
import { parseConfig, parseRecipe, InputError, planModel } from '../../../dist/models/index.js'

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
    value = JSON.parse(input.toString())
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return
  }
  const config = refusedOr(() => parseConfig(input.toString()))
  if (config) assert.deepEqual(config.fields, value)
  const plan = config && refusedOr(() => planModel(config))
  if (plan) {
    const written = parseConfig(plan.configText)
    assert.deepEqual(written.fields, plan.config)
    assert.equal(planModel(written).configText, plan.configText)
  }
  refusedOr(() => planModel(value))
  refusedOr(() => parseRecipe(value))
  for (const file of refusedOr(() => parseWeightMap(value))?.values() ?? []) {
    assert.ok(!file.split(/[/\\]/).includes('..') && !/^[/\\]|:/.test(file), file)
  }
  assert.equal(Object.keys(Object.prototype).length, 0)
}
