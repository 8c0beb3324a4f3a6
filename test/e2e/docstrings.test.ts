/**
 * Every export of every entry point is documented: a sentence for each, and for functions and methods `@param`,
 * `@returns`, `@throws` and `@example`. Every example runs and prints what its comments promise.
 *
 *   npx vitest run test/e2e/docstrings.test.ts -t src/engine/      what is declared under src/engine/
 */

import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { extractExamples, readPromises, runExamples, type ExampleResult } from '../support/examples.ts'
import { listPublicApi, type ApiItem } from '../support/public-api.ts'

const TENSORFLOW = 'bench/baselines/node_modules/@tensorflow/tfjs/dist/tf.node.js'

const exported = listPublicApi().map((items) => ({ id: `${items[0].file} ${items[0].name}`, items }))

/** The tags that an item lacks; a class or an interface may have the example of its factory. */
function missingTags({ kind, doc, parameters, returnsValue }: ApiItem): string[] {
  const has = (tag: string) => new RegExp(`^@${tag}\\b`, 'm').test(doc)
  const missing: string[] = []
  if (!/^[^@\s]/.test(doc)) missing.push('a sentence')
  if (kind === 'value' || kind === 'type' || kind === 'class') return missing
  const documented = [...doc.matchAll(/^@param\s+(?:\{.*?\}\s+)?\[?(\w+)/gm)].map(([, name]) => name)
  for (const name of parameters) {
    const isDocumented = name === '{}' ? documented.length > 0 : documented.includes(name)
    if (!isDocumented) missing.push(`@param ${name}`)
  }
  if (returnsValue && !has('returns')) missing.push('@returns')
  if (kind === 'signature') return missing
  if (parameters.length > 0 && !has('throws')) missing.push('@throws')
  if (!has('example')) missing.push('@example')
  return missing
}

describe('the docstrings', () => {
  it('are found for every entry point', () => {
    for (const file of ['engine/engine', 'random/random', 'compat/torch', 'models/plan', 'node/init'])
      expect(
        exported.some(({ id }) => id.startsWith(`src/${file}.ts `)),
        file,
      ).toBe(true)
  })

  it.each(exported.map(({ id, items }) => [id, items] as const))('are complete: %s', (_, items) => {
    const incomplete = items
      .map((item) => [item.name, missingTags(item)] as const)
      .filter(([, missing]) => missing.length > 0)
    expect(Object.fromEntries(incomplete)).toEqual({})
  })
})

describe('the examples', () => {
  const examples = exported.flatMap(({ items }) =>
    items.flatMap(({ file, name, doc }) => extractExamples(`${file} ${name}`, doc)),
  )
  // TensorFlow.js is a package of bench/baselines: `npm run test:reference` installs it.
  const runnable = examples
    .filter(({ code }) => !code.includes('@tensorflow/tfjs') || existsSync(TENSORFLOW))
    .map(({ id, code }) => ({
      id,
      code: code.replaceAll(`'@tensorflow/tfjs'`, () => `'../../${TENSORFLOW}'`),
    }))
  let results: ExampleResult[]

  beforeAll(() => {
    results = runExamples(runnable)
  })

  it.each(runnable.map(({ id, code }, i) => [id, code, i] as const))(
    'print what they promise: %s',
    (_, code, i) => {
      const { error, logged } = results[i]
      expect(error).toBeUndefined()
      expect(code).toMatch(/from 'simdinit/)
      const promises = readPromises(code)
      const printed = [...promises.keys()].map((line) => [
        line,
        (logged[line] ?? []).map(collapse).join(', '),
      ])
      expect(printed).toEqual([...promises].map(([line, text]) => [line, collapse(text)]))
    },
  )
})

describe('the runner of examples', () => {
  const run = (code: string) => {
    const [{ error, logged }] = runExamples([{ id: 'test', code }])
    return { error, logged, promises: readPromises(code) }
  }

  it('records what each line logs, also in a loop and over several lines', () => {
    const { error, logged, promises } = run(
      `import { gain } from 'simdinit'\nfor (const i of [1, 2]) console.log(i) // 1, 2\nconsole.log(\n  gain('relu') ** 2 > 1.9,\n) // true`,
    )
    expect(error).toBeUndefined()
    expect(logged).toEqual({ 2: ['1', '2'], 3: ['true'] })
    expect([...promises]).toEqual([
      [2, '1, 2'],
      [3, 'true'],
    ])
  })

  it('reports what a program throws', () => {
    expect(run(`import { normal } from 'simdinit'\nnormal({ std: -1 })`).error).toContain('RangeError: "std"')
  })

  it('finds programs with and without fences, up to the next tag', () => {
    expect(extractExamples('f', 'A.\n@example\n```js\nf()\n```\n@example\ng()\n@returns 1')).toEqual([
      { id: 'f (1)', code: 'f()' },
      { id: 'f (2)', code: 'g()' },
    ])
  })
})

/** An object may be printed over several lines, and promised on one. */
function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
