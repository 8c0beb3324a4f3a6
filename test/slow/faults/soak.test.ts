/**
 * Soak: random fills by one, two and three threads, into plain, shared and lent memory, whole, by offset and by slice,
 * compared with the plain engine byte for byte until the time is up. fast-check prints the seed and a smallest failing
 * case. SIMDINIT_SOAK_SECONDS sets another time.
 */

import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngine, DTYPES, type Dtype, type Engine, type Strategy } from '../../../src/index.ts'
import { FORMATS, type TensorData } from '../../../src/numeric/dtypes.ts'
import { product } from '../../../src/numeric/shape.ts'
import {
  arbitraryStrategy,
  FORMULA_STRATEGIES,
  MATRIX_STRATEGIES,
  ZERO_ROWS_STRATEGIES,
} from '../../support/strategies.ts'

const SECONDS = Number(process.env.SIMDINIT_SOAK_SECONDS ?? 300)

let engines: Engine[]
let plain: Engine

beforeAll(async () => {
  engines = [
    await createEngine({ threads: 1 }),
    await createEngine({ threads: 2 }),
    await createEngine({ threads: 3, memory: 2 ** 25 }),
  ]
  plain = await createEngine({ backend: 'js' })
})

afterAll(async () => {
  for (const engine of [...engines, plain]) await engine.close()
})

interface Case {
  readonly strategy: Strategy
  readonly shape: number[]
}

const side = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 1, max: 40 }) },
  fc.integer({ min: 1, max: 300 }),
)
const fixedShapes = [...FORMULA_STRATEGIES, ...MATRIX_STRATEGIES, ...ZERO_ROWS_STRATEGIES]

/** Mostly strategies with any shape of rank 2 to 4, some of which have 2^40 rows; the others have a shape that fits. */
const arbitraryCase: fc.Arbitrary<Case> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      strategy: arbitraryStrategy,
      shape: fc
        .tuple(fc.oneof({ weight: 5, arbitrary: side }, fc.integer({ min: 1, max: 2 ** 26 })), side, side)
        .map((sides) => [...sides]),
    }),
  },
  fc.constantFrom(...fixedShapes).map(([, strategy, shape]) => ({ strategy, shape })),
)

const arbitraryFill = fc.record({
  case: arbitraryCase,
  dtype: fc.constantFrom(...DTYPES),
  seed: fc.oneof(fc.maxSafeInteger(), fc.string({ unit: 'grapheme' })),
  name: fc.string({ minLength: 1, unit: 'grapheme' }),
  engine: fc.nat({ max: 2 }),
  memory: fc.constantFrom('plain', 'shared', 'lent'),
  isSync: fc.boolean(),
  /** Where the fill begins and how long it is, as fractions; or the slice of each axis. */
  part: fc.oneof(
    {
      weight: 30,
      arbitrary: fc.record({
        begin: fc.double({ min: 0, max: 1, noNaN: true }),
        length: fc.nat({ max: 2 ** 14 }),
      }),
    },
    // long enough for other threads
    fc.record({ begin: fc.constant(0), length: fc.integer({ min: 2 ** 19, max: 2 ** 22 }) }),
    {
      weight: 10,
      arbitrary: fc.record({
        slice: fc.array(fc.tuple(fc.nat(), fc.nat({ max: 60 })), { minLength: 5, maxLength: 5 }),
      }),
    },
  ),
})

type Fill = typeof arbitraryFill extends fc.Arbitrary<infer T> ? T : never

/** The place of a fill, and the number of its elements. */
function placeOf({ case: { shape }, part }: Fill) {
  if ('slice' in part) {
    const slice = shape.map((n, axis) => {
      const [start, length] = part.slice[axis]
      return [start % n, Math.min(n, (start % n) + length)] as const
    })
    return { place: { shape, slice }, count: product(slice.map(([start, end]) => end - start)) }
  }
  const size = product(shape)
  const offset = Math.min(size, Math.floor(part.begin * size))
  return { place: { shape, offset }, count: Math.min(part.length, size - offset) }
}

function allocate(engine: Engine, memory: string, dtype: Dtype, count: number) {
  const { arrayType, bytes } = FORMATS[dtype]
  if (memory === 'lent' && bytes * count < 2 ** 23) return engine.lend(count, dtype)
  const buffer =
    memory === 'plain' ? new ArrayBuffer(bytes * (count + 3)) : new SharedArrayBuffer(bytes * (count + 3))
  return { data: new arrayType(buffer as ArrayBuffer, bytes * 3, count) as TensorData, release() {} }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TensorData) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)

/** Fills with an engine and with the plain one: the same bytes, or the same message. */
async function compare(fill: Fill): Promise<boolean> {
  const { place, count } = placeOf(fill)
  if (count > 2 ** 22) return false
  const { dtype, seed, name } = fill
  const engine = engines[fill.engine]
  const options = { seed, name, dtype: dtype as 'bf16', ...place }
  const { strategy } = fill.case
  const { data, release } = allocate(engine, fill.memory, dtype, count)
  const target = data as Uint16Array
  const expected = new FORMATS[dtype].arrayType(count) as Uint16Array
  const message = messageOf(() => plain.fillSync(expected, strategy, options))
  if (fill.isSync) expect(messageOf(() => engine.fillSync(target, strategy, options))).toBe(message)
  else {
    const filled = engine.fill(target, strategy, options)
    expect(
      await filled.then(
        () => undefined,
        (error: Error) => error.message,
      ),
    ).toBe(message)
  }
  if (message === undefined)
    expect(Buffer.compare(bytesOf(target), bytesOf(expected)), 'the same bytes').toBe(0)
  release()
  return message === undefined
}

function messageOf(call: () => void): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

it(
  `${SECONDS} s of random fills give the bytes of the plain engine`,
  { timeout: 2000 * SECONDS + 60_000 },
  async () => {
    let compared = 0
    const property = fc.asyncProperty(arbitraryFill, async (fill) => {
      if (await compare(fill)) compared++
    })
    await fc.assert(property, { numRuns: 1e9, interruptAfterTimeLimit: 1000 * SECONDS, endOnFailure: false })
    console.log(`soak: ${compared} fills compared`)
    expect(compared).toBeGreaterThan(SECONDS)
  },
)
