/** Configs of real families with changed fields give a plan or a documented error. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { FuzzedDataProvider } from '@jazzer.js/core'
import { InputError, planModel } from '../../../dist/models/index.js'

const fixtures = new URL('../../fixtures/models/', import.meta.url)
const configs = readdirSync(fixtures).flatMap((file) =>
  JSON.parse(readFileSync(new URL(file, fixtures), 'utf8')).models.map(({ config }) => config),
)
const fields = [...new Set(configs.flatMap(Object.keys))]

function valueOf(data, depth = 0) {
  const kinds = [
    () => data.consumeIntegralInRange(-2, 130),
    () => data.consumeIntegralInRange(0, 2 ** 32),
    () => data.consumeDouble(),
    () => data.consumeString(8),
    () => data.consumeBoolean(),
    () => null,
    () => [valueOf(data, depth + 1), valueOf(data, depth + 1)],
    () => JSON.parse(`{${JSON.stringify(data.consumeString(10))}: 1, "__proto__": 2}`),
  ]
  return kinds[data.consumeIntegralInRange(0, depth > 3 ? 5 : kinds.length - 1)]()
}

export function fuzz(input) {
  const data = new FuzzedDataProvider(input)
  const config = { ...data.pickValue(configs) }
  for (let changes = data.consumeIntegralInRange(1, 4); changes > 0; changes--) {
    config[data.pickValue(fields)] = valueOf(data)
  }
  try {
    const { files, bytes } = planModel(config)
    let sum = 0
    for (const { tensors } of files) for (const { begin, end } of tensors) sum += end - begin
    assert.equal(sum, bytes)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
  }
}
