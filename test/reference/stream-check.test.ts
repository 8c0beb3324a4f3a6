/**
 * The stream's definition (`docs/reference/stream.md`) against the package. `docs/reference/stream_check.py` is written
 * from that page alone: it checks the page's vectors, then computes the bytes that both engines must give. Without a
 * python3 with numpy this is skipped with a message, or fails where it is required (test/support/oracles.ts).
 */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  parseStrategy,
  computeFans,
  constant,
  createEngine,
  DTYPES,
  resolveDistribution,
  griffinRecurrence,
  heNormal,
  heTruncatedNormal,
  lecunUniform,
  logOfUniform,
  logUniform,
  mambaDtBias,
  normal,
  residualNormal,
  truncatedNormal,
  uniform,
  xavierNormal,
  type Dtype,
  type Engine,
  type Layout,
  type Seed,
  type Strategy,
} from '../../src/index.ts'
import { FORMATS } from '../../src/numeric/dtypes.ts'
import { deriveKey } from '../../src/rng/stream.ts'
import { findPython } from '../support/oracles.ts'
import { SAMPLED_FORMULAS } from '../support/strategies.ts'
import { itSlow } from '../support/tier.ts'

const docs = (file: string) => fileURLToPath(new URL(`../../docs/reference/${file}`, import.meta.url))

interface Request {
  strategy: Strategy
  shape?: number[]
  dtype: Dtype
  seed: Seed
  name: string
  first: number
  count: number
}

type Answer = { hex: string } | { refused: string }

const run = (python: string, ...args: string[]) =>
  execFileSync(python, [docs('stream_check.py'), ...args], { encoding: 'utf8', maxBuffer: 2 ** 28 })

let folder: string
let engines: Engine[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'simdinit-stream-'))
  engines = [await createEngine({ backend: 'wasm' }), await createEngine({ backend: 'js' })]
})

afterAll(async () => {
  for (const engine of engines) await engine.close()
  rmSync(folder, { recursive: true })
})

/** The program's answer to each request. One run for all of them, since it builds a table first. */
function askPage(python: string, requests: readonly Request[]): Answer[] {
  const file = join(folder, 'request.json')
  const prepared = requests.map(({ strategy, seed, ...rest }) => ({
    ...rest,
    seed: String(seed),
    distribution: resolveDistribution(strategy),
  }))
  writeFileSync(file, JSON.stringify(prepared))
  return JSON.parse(run(python, '--request', file)) as Answer[]
}

/** The bytes that an engine gives, as hex; undefined where it throws a RangeError. */
function fill(engine: Engine, { strategy, shape, dtype, seed, name, first, count }: Request): Answer {
  const target = new FORMATS[dtype].arrayType(count)
  try {
    engine.fillSync(target, strategy, { seed, name, dtype, shape, offset: first })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { refused: error.message }
  }
  return { hex: Buffer.from(target.buffer).toString('hex') }
}

const label = ({ strategy, ...rest }: Request) =>
  `${JSON.stringify(strategy)} ${rest.dtype} ${typeof rest.seed} ${rest.seed} ${rest.name} ${rest.first}+${rest.count}`

/** Both engines answer every request as the program does: with the same bytes, or both with an error. */
function expectAgreement(requests: readonly Request[], answers: readonly Answer[]) {
  for (const [index, request] of requests.entries()) {
    for (const engine of engines) {
      const got = fill(engine, request)
      const wanted = answers[index]
      const where = `${engine.info.backend}: ${label(request)}`
      if ('hex' in wanted && 'hex' in got) expect(got.hex, where).toBe(wanted.hex)
      else expect(got, where).toEqual({ refused: expect.any(String) })
      expect('refused' in wanted, `refused by the program: ${where}`).toBe('refused' in got)
    }
  }
}

/** One case for each strategy and dtype: 700 elements, of two blocks unless `at` says otherwise. */
const cases = (strategies: readonly Strategy[], at: Partial<Request> = {}): Request[] =>
  strategies.flatMap((strategy) =>
    DTYPES.map((dtype) => {
      const { seed = 42, name = 'wte', first = 8000, count = 700 } = at
      return { strategy, dtype, seed, name, first, count }
    }),
  )

const standard = normal({ mean: 0, std: 1 })
const between = (low?: number, high?: number, mean = 0, std = 1) => truncatedNormal({ mean, std, low, high })

describe('the page', () => {
  itSlow(
    'every vector of docs/reference/stream.md is what its program computes',
    { timeout: 60_000 },
    (context) => {
      const said = run(findPython(context, 'numpy')).trimEnd().split('\n')
      expect(said.filter((line) => line.startsWith('FAIL'))).toEqual([])
      expect(said.at(-1)).toBe('every vector of the page holds')
    },
  )

  test('both engines give the values in docs/reference/stream.md', () => {
    const rows = rowsOf('| seed | name | distribution | dtype | first | elements |')
    expect(rows.length).toBeGreaterThan(12)
    for (const [seed, name, distribution, dtype, first, elements] of rows) {
      const words = elements.split(' ')
      const request = requestOf(seed, name, distribution, dtype, first, words.length)
      const hex = words.map(littleEndian).join('')
      for (const engine of engines) expect(fill(engine, request), label(request)).toEqual({ hex })
    }
  })

  test('both engines give the digests in docs/reference/stream.md', () => {
    const rows = rowsOf('| seed | name | distribution | dtype | first | count | SHA-256 |')
    expect(rows.length).toBeGreaterThan(12)
    for (const [seed, name, distribution, dtype, first, count, digest] of rows) {
      const request = requestOf(seed, name, distribution, dtype, first, Number(count))
      for (const engine of engines) {
        const { hex } = fill(engine, request) as { hex: string }
        expect(createHash('sha256').update(hex, 'hex').digest('hex'), label(request)).toBe(digest)
      }
    }
  })

  test('the strategies have the distributions in docs/reference/stream.md', () => {
    const rows = rowsOf('| strategy | fanIn | fanOut | distribution |')
    expect(rows.length).toBeGreaterThan(4)
    for (const [strategy, fanIn, fanOut, distribution] of rows) {
      const parsed = parseStrategy(JSON.parse(strategy))
      const got = resolveDistribution(parsed, [Number(fanOut), Number(fanIn)])
      expect(got, strategy).toEqual(JSON.parse(distribution))
    }
  })

  test('the shapes have the fans in docs/reference/stream.md', () => {
    for (const [shape, layout, fanIn, fanOut] of rowsOf('| shape | layout | fanIn | fanOut |')) {
      const got = computeFans(JSON.parse(shape), layout as Layout)
      expect(got, shape).toEqual({ fanIn: Number(fanIn), fanOut: Number(fanOut) })
    }
  })

  test('the strategies with their shapes have the distributions in docs/reference/stream.md', () => {
    const rows = rowsOf('| strategy | shape | layout | distribution |')
    expect(rows.length).toBeGreaterThan(12)
    for (const [strategy, shape, layout, distribution] of rows) {
      const got = resolveDistribution(JSON.parse(strategy), JSON.parse(shape), layout as Layout)
      expect(got, strategy).toEqual(JSON.parse(distribution))
    }
  })

  test('both engines take and refuse what docs/reference/stream.md says', () => {
    const rows = rowsOf('| distribution | dtype | answer |')
    expect(rows.length).toBeGreaterThan(40)
    for (const [distribution, dtype, answer] of rows) {
      const request = requestOf('0', '"w"', distribution, dtype, '0', 0)
      for (const engine of engines) {
        const got = fill(engine, request)
        expect('refused' in got ? 'refused' : 'taken', label(request)).toBe(answer)
      }
    }
  })

  test('the keys are those in docs/reference/stream.md', () => {
    const rows = rowsOf('| seed | name | purpose | key |')
    expect(rows.length).toBeGreaterThan(8)
    for (const [seed, name, purpose, key] of rows) {
      const integer = /^-?\d+$/.test(seed) // JSON.parse would round large ones
      const words = deriveKey(
        integer ? BigInt(seed) : JSON.parse(seed),
        JSON.parse(name),
        JSON.parse(purpose),
      )
      expect(Buffer.from(words.buffer).toString('hex'), seed).toBe(key)
    }
  })
})

/** The cells of a row as a request. */
function requestOf(
  seed: string,
  name: string,
  distribution: string,
  dtype: string,
  first: string,
  count: number,
): Request {
  const { shape = [], ...strategy } = toStrategy(JSON.parse(distribution))
  return {
    strategy: parseStrategy(strategy),
    ...(shape.length > 0 && { shape }),
    dtype: dtype as Dtype,
    seed: JSON.parse(seed) as Seed,
    name: JSON.parse(name) as string,
    first: Number(first),
    count,
  }
}

/** The strategy and shape of a distribution of the page. */
function toStrategy(distribution: Record<string, unknown>): Record<string, unknown> & { shape?: number[] } {
  const { height, width, of, ...rest } = distribution
  return of === undefined ? distribution : { ...rest, strategy: of, shape: [height, width] as number[] }
}

/** The bytes of a hexadecimal word, last byte first. */
const littleEndian = (word: string) => word.replace(/^(..)(..)(..)?(..)?$/, '$4$3$2$1')

/** The cells of the rows under a header of the page. */
function rowsOf(header: string): string[][] {
  const lines = readFileSync(docs('stream.md'), 'utf8').split('\n')
  const start = lines.indexOf(header) + 2
  expect(start, `"${header}" in docs/reference/stream.md`).toBeGreaterThan(1)
  const end = lines.findIndex((line, index) => index >= start && !line.startsWith('|'))
  return lines.slice(start, end).map((line) => line.slice(3, -3).split('` | `'))
}

test('a zero in the options of a distribution is +0, as after a round trip through JSON', () => {
  const pairs = [
    [constant({ value: -0 }), constant({ value: 0 })],
    [normal({ mean: -0, std: 0 }), normal({ mean: 0, std: 0 })],
    [uniform({ low: -0, high: 1e-9 }), uniform({ low: 0, high: 1e-9 })],
    [truncatedNormal({ low: -1, high: -0 }), truncatedNormal({ low: -1, high: 0 })],
  ]
  for (const [negative, positive] of pairs) {
    const [got, wanted] = [negative, positive].map((strategy) => cases([strategy]))
    for (const engine of engines) {
      for (const [index, request] of got.entries()) {
        expect(fill(engine, request), label(request)).toEqual(fill(engine, wanted[index]))
      }
    }
  }
})

describe('both engines give the bytes of the page', () => {
  const all: Request[] = []
  let answers: Answer[] | undefined
  const compare = (name: string, requests: readonly Request[]) => {
    const first = all.push(...requests) - requests.length
    itSlow(name, { timeout: 60_000 }, (context) => {
      answers ??= askPage(findPython(context, 'numpy'), all)
      expectAgreement(requests, answers.slice(first, first + requests.length))
    })
  }

  compare(
    'constant',
    cases([0, 1, -0.1, 1e-7, -1e-9, -1e-50, -448, 57344, 65504].map((value) => constant({ value }))),
  )

  compare(
    'normal',
    cases([
      standard,
      normal({ mean: 0, std: 0.02 }),
      normal({ mean: -3.7, std: 1e-3 }),
      normal({ mean: 1 / 3, std: 1e-6 }),
      normal({ mean: 0, std: 1e-7 }),
      normal({ mean: 0, std: 2 ** -90 }),
      normal({ mean: 0.1, std: 0 }),
      normal({ mean: 1e4, std: 8000 }),
      xavierNormal({ fanIn: 784, fanOut: 256 }),
      heNormal({ fanIn: 3 }),
      residualNormal({ std: 0.02, layers: 12 }),
    ]),
  )

  compare(
    'uniform',
    cases([
      uniform({ low: 0, high: 1 }),
      uniform({ low: -0.05, high: 0.05 }),
      uniform({ low: 1, high: 1.01 }),
      uniform({ low: -1e-7, high: 3e-8 }),
      uniform({ low: 0, high: 2 ** -90 }),
      uniform({ low: 1000, high: 1001 }),
      uniform({ low: -1, high: 0 }),
      uniform({ low: -60000, high: 65504 }),
      lecunUniform({ fanIn: 11 }),
    ]),
  )

  compare(
    'truncated normal, symmetric',
    cases([
      between(),
      between(-2, 2),
      between(-0.04, 0.04, 0, 0.02),
      between(0.5, 1.5, 1, 0.25),
      between(-0.01, 0.01),
      between(-12, 12),
      between(-6.3, 6.3),
      between(-(2 ** -10), 2 ** -10),
      between(-1.01 * 2 ** -10, 1.01 * 2 ** -10),
      heTruncatedNormal({ fanIn: 512 }),
    ]),
  )

  compare(
    'truncated normal, asymmetric, one-sided and in the tails',
    cases([
      between(-1, 2),
      between(-2, 1.5, 0.1, 0.7),
      between(-0.5, 7),
      between(-9, 0.001),
      between(0, 1),
      between(-1, 0),
      between(0, undefined),
      between(undefined, 0),
      between(-1, undefined),
      between(undefined, 0.25, 0.5, 0.25),
      between(3, 4),
      between(-4, -3),
      between(5, 6),
      between(-6, -5),
      between(5, undefined),
      between(undefined, -4.5),
      between(1e-9, 2),
      between(1, 1.0001),
      between(0.0001, 0.0007, 0, 1),
      between(0.0001, 0.0011, 0, 1),
      between(-1e-12, 3e-9, 0, 1),
      between(-1e-40, 1e-40, 0, 1),
      between(-1, 2, 0, 0),
    ]),
  )

  compare(
    'bounds and signs at zero in the narrow dtypes',
    cases([
      between(-1e-9, 3, 0, 1e-8),
      between(-3, 1e-9, 0, 1e-8),
      between(-1e-8, 1e-8, 0, 1e-8),
      between(undefined, 0, 0, 1e-8),
      between(0, undefined, 0, 1e-8),
      between(undefined, 1e-9, 1e-9, 1e-9),
      uniform({ low: -1e-8, high: 1e-8 }),
      uniform({ low: -1e-8, high: 1e-9 }),
      uniform({ low: -0.003, high: 0.0009 }), // near the smallest value of f8_e4m3, 2^-9
      between(-0.0009, 0.004, 0, 0.002),
      between(undefined, 0.0009, 0, 0.001),
      between(-3e-5, 1e-5, 0, 1e-5), // and of f8_e5m2, 2^-16
    ]),
  )

  compare(
    'offsets across blocks and beyond 2^32 elements, seeds and names of every kind',
    [
      { seed: 0, name: 'a', first: 0, count: 0 },
      { seed: 0, name: 'a', first: 0, count: 1 },
      { seed: 1, name: 'wte', first: 8191, count: 2 },
      { seed: -7, name: 'wte', first: 8189, count: 8197 },
      { seed: '042', name: 'wte', first: 16383, count: 8193 },
      { seed: 'ключ 🗝', name: 'слой.0.вес', first: 12345, count: 77 },
      { seed: 2n ** 70n, name: '층.가중치', first: 3, count: 333 },
      { seed: -(2n ** 64n), name: 'é', first: 5, count: 9 },
      { seed: 42, name: 'e\u0301', first: 5, count: 9 },
      { seed: Number.MAX_SAFE_INTEGER, name: '1:a,', first: 7, count: 9 },
      { seed: 42, name: 'model.layers.0', first: 2 ** 32 - 3, count: 7 },
      { seed: 42, name: 'model.layers.0', first: 2 ** 32 + 12345, count: 99 },
      { seed: 42, name: 'model.layers.0', first: 2 ** 45 + 8191, count: 5 },
      { seed: 42, name: 'model.layers.0', first: 2 ** 53 - 9, count: 8 },
    ].flatMap((at) => cases([standard, uniform({ low: -1, high: 1 }), between(-2, 1), between(-2, 2)], at)),
  )

  compare(
    'formulas that sample, to the last index and to the edges of each dtype',
    [0, 8190, 2 ** 53 - 41].flatMap((first) =>
      cases(
        [
          ...SAMPLED_FORMULAS.map(([, strategy]) => strategy),
          ...[448, 448.001, 57344, 65504, 65504.001].flatMap((high) => [
            logUniform({ low: 1, high }),
            mambaDtBias({ high }),
          ]),
          logOfUniform({ low: 1e-194, high: 1 }),
          logOfUniform({ low: 1e-195, high: 1 }),
          griffinRecurrence({ low: 0.5, high: 0.99999999 }),
        ],
        { first, count: 40 },
      ),
    ),
  )

  compare(
    'the edges of the domain, refused alike',
    cases(
      [
        normal({ std: 2 ** -91 }),
        normal({ std: 2 ** 90 }),
        normal({ std: 2 ** 90 * 1.0001 }),
        normal({ std: 10400 }),
        normal({ std: 10300 }),
        normal({ mean: 65504, std: 0 }),
        normal({ mean: 65505, std: 0 }),
        normal({ mean: 1e39, std: 0 }),
        constant({ value: 65520 }),
        constant({ value: 448.001 }),
        constant({ value: -57345 }),
        normal({ std: 70.6 }),
        normal({ std: 70.7 }),
        normal({ std: 9047 }),
        normal({ std: 9049 }),
        uniform({ low: 1.01, high: 1.1 }),
        constant({ value: 1e39 }),
        uniform({ low: 0, high: 65505 }),
        uniform({ low: -1e39, high: 1 }),
        uniform({ low: 0, high: 2 ** -91 }),
        uniform({ low: 1, high: 1 + 1e-9 }),
        uniform({ low: 1.00001, high: 1.00002 }),
        uniform({ low: 2.001, high: 2.0015 }),
        between(6.34, 7),
        between(6.3, 7),
        between(9, undefined),
        between(-1, 1, 2, 0),
        between(-1, 1, 1, 0),
        between(1.00001, 1.00002),
        between(2.001, 2.0015),
        between(-1, 1, 0, 2 ** -91),
        between(-1, 1, 0, 2 ** 91),
        between(-70000, 1, 0, 1),
        between(-1, 70000, 0, 1),
        between(-1, undefined, 0, 20000),
        between(-1, 1, 70000, 1e5),
        between(-1, 1, 1e38, 1e27),
        between(-1e-40, 1e-40, 0, 2 ** -80),
        between(1e-30, 1.0000001e-30),
      ],
      { count: 40 },
    ),
  )
})
