/**
 * Whole-matrix strategies: orthogonality, the distribution of their entries, traces and determinants, the same bytes in
 * every engine, piece and slice, and cancellation. Seeds were fixed in advance.
 */

import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FORMATS } from '../../src/numeric/dtypes.ts'
import { JsBackend } from '../../src/engine/js-backend.ts'
import {
  createEngine,
  deltaOrthogonal,
  DTYPES,
  normal,
  orthogonal,
  sparse,
  type Dtype,
  type Engine,
  type Strategy,
  type TensorData,
} from '../../src/index.ts'
import { ENGINES } from '../support/engines.ts'
import { errorOf } from '../support/errors.ts'
import { byTier, itSlow, pickByTier } from '../support/tier.ts'

let engine: Engine
let reference: Engine
beforeAll(async () => {
  engine = await createEngine({ threads: 1 })
  reference = await createEngine({ backend: 'js' })
})

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1)

function filled(
  by: Engine,
  strategy: Strategy,
  shape: number[],
  name = 'w',
  dtype: Dtype = 'f32',
): TensorData {
  const data = new FORMATS[dtype].arrayType(sizeOf(shape))
  by.fillSync(data, strategy, { seed: 7, name, shape, dtype })
  return data
}

const bytes = (data: TensorData) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)

/** The largest error of an inner product of two columns of a row-major matrix, in f64. */
function columnError(q: ArrayLike<number>, rows: number, columns: number): number {
  let worst = 0
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? -1 : 0
      for (let r = 0; r < rows; r++) sum += q[r * columns + i] * q[r * columns + j]
      worst = Math.max(worst, Math.abs(sum))
    }
  }
  return worst
}

function transpose(q: ArrayLike<number>, rows: number, columns: number): Float64Array {
  return Float64Array.from(
    { length: rows * columns },
    (_, i) => q[(i % rows) * columns + Math.floor(i / rows)],
  )
}

/** The determinant by elimination with pivots. */
function determinant(matrix: ArrayLike<number>, n: number): number {
  const a = Float64Array.from(matrix)
  let product = 1
  for (let k = 0; k < n; k++) {
    let best = k
    for (let r = k; r < n; r++) if (Math.abs(a[r * n + k]) > Math.abs(a[best * n + k])) best = r
    if (best !== k) {
      product = -product
      for (let c = 0; c < n; c++) [a[k * n + c], a[best * n + c]] = [a[best * n + c], a[k * n + c]]
    }
    product *= a[k * n + k]
    for (let r = k + 1; r < n; r++) {
      const factor = a[r * n + k] / a[k * n + k]
      for (let c = k; c < n; c++) a[r * n + c] -= factor * a[k * n + c]
    }
  }
  return product
}

/** The Kolmogorov statistic times sqrt(n), against a distribution function. 2.69 has a p-value of 1e-6. */
function kolmogorov(sample: number[], cdf: (x: number) => number): number {
  const sorted = sample.toSorted((a, b) => a - b)
  const n = sorted.length
  return Math.sqrt(n) * Math.max(...sorted.map((x, i) => Math.max(cdf(x) - i / n, (i + 1) / n - cdf(x))))
}
const KS = Math.sqrt(Math.log(2e6) / 2)

describe('an orthogonal matrix', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [31, 31],
    [32, 32],
    [33, 33],
    [64, 64],
    [65, 65],
    [97, 40],
    [200, 130],
    [301, 299],
    [1000, 3],
  ])('of %d x %d, and its wide counterpart, has orthonormal columns and rows', (rows, columns) => {
    expect(columnError(filled(engine, orthogonal(), [rows, columns]), rows, columns)).toBeLessThan(1e-6)
    const wide = transpose(filled(engine, orthogonal(), [columns, rows]), columns, rows)
    expect(columnError(wide, rows, columns)).toBeLessThan(1e-6)
  })

  it('uses the first axis as a side in layout oi, the last in io, or the given axis', () => {
    for (const [strategy, layout, [rows, columns]] of [
      [orthogonal(), 'oi', [4, 30]],
      [orthogonal(), 'io', [20, 6]],
      [orthogonal({ axis: 0 }), 'io', [4, 30]],
      [orthogonal({ axis: -1 }), 'oi', [20, 6]],
    ] as const) {
      const found = new Float32Array(120)
      engine.fillSync(found, strategy, { seed: 7, name: 'w', shape: [4, 5, 6], layout })
      expect(found).toEqual(filled(engine, orthogonal(), [rows, columns]))
    }
    const middle = filled(engine, orthogonal({ axis: 1 }), [4, 5, 6]) // rows: axes 0 and 2
    const matrix = filled(engine, orthogonal(), [24, 5])
    for (const [a, b, c] of [
      [0, 0, 0],
      [3, 4, 5],
      [2, 1, 3],
    ]) {
      expect(middle[(a * 5 + b) * 6 + c]).toBe(matrix[(a * 6 + c) * 5 + b])
    }
    expect(columnError(matrix, 24, 5)).toBeLessThan(1e-6)
  })

  it('is multiplied by its gain once, at the end', () => {
    const plain = filled(engine, orthogonal(), [50, 40])
    for (const gain of [0, -1.7, Math.SQRT2, 3e30]) {
      const expected = (plain as Float32Array).map((x) => Math.fround(x * Math.fround(gain)))
      expect(filled(engine, orthogonal({ gain }), [50, 40])).toEqual(expected)
    }
  })

  it('never exceeds its gain: f8_e4m3 holds a gain of 448', () => {
    for (let k = 0; k < 50; k++) {
      const data = filled(engine, orthogonal({ gain: 448 }), [1, 1], `${k}`, 'f8_e4m3')
      expect([0x7e, 0xfe]).toContain(data[0])
    }
  })

  describe('is uniformly distributed:', () => {
    const sample = (shape: number[], count: number, read: (q: TensorData) => number) =>
      Array.from({ length: count }, (_, k) => read(filled(engine, orthogonal(), shape, `haar.${k}`)))

    it('the entries of 3 x 3 are uniform on [-1, 1]', () => {
      // by Archimedes: a coordinate of a point on the sphere
      for (const entry of byTier([4], [...Array(9).keys()])) {
        const found = sample([3, 3], byTier(1000, 4000), (q) => q[entry])
        expect(kolmogorov(found, (x) => (x + 1) / 2)).toBeLessThan(KS)
      }
    })

    itSlow('the entries of 5 x 3 and 3 x 5 have the density (3/4)(1 - x^2)', () => {
      const cdf = (x: number) => (2 + 3 * x - x ** 3) / 4
      for (let entry = 0; entry < 15; entry++) {
        expect(
          kolmogorov(
            sample([5, 3], 2000, (q) => q[entry]),
            cdf,
          ),
        ).toBeLessThan(KS)
        expect(
          kolmogorov(
            sample([3, 5], 2000, (q) => q[entry]),
            cdf,
          ),
        ).toBeLessThan(KS)
      }
    })

    it('2 x 2 are rotations and reflections by uniform angles, equally often', () => {
      const angles = sample([2, 2], byTier(1000, 4000), (q) => Math.atan2(q[2], q[0]) / (2 * Math.PI))
      expect(kolmogorov(angles, (x) => x + 0.5)).toBeLessThan(KS)
    })

    it.each(byTier([3], [1, 2, 3, 33]))('both determinants of %d x %d are equally likely', (n) => {
      const count = byTier(500, 2000)
      const found = sample([n, n], count, (q) => determinant(q, n))
      for (const d of found) expect(Math.abs(d)).toBeCloseTo(1, 4)
      const positive = found.filter((d) => d > 0).length
      expect(Math.abs(positive - count / 2) / Math.sqrt(count / 4)).toBeLessThan(4.9)
    })

    itSlow('the traces of 20 x 20 matrices and of their squares have the moments of a Haar matrix', () => {
      // Diaconis and Shahshahani, 1994: E tr = 0, E tr^2 = 1, E tr^4 = 3; E tr Q^2 = 1, of variance 2
      const [n, count] = [20, 3000]
      const traces: number[] = []
      const squares: number[] = []
      for (let k = 0; k < count; k++) {
        const q = filled(engine, orthogonal(), [n, n], `trace.${k}`)
        let [trace, square] = [0, 0]
        for (let i = 0; i < n; i++) {
          trace += q[i * n + i]
          for (let j = 0; j < n; j++) square += q[i * n + j] * q[j * n + i]
        }
        traces.push(trace)
        squares.push(square)
      }
      const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / count
      const z = (found: number, expected: number, variance: number) =>
        Math.abs(found - expected) / Math.sqrt(variance / count)
      expect(z(mean(traces), 0, 1)).toBeLessThan(4.9)
      expect(z(mean(traces.map((t) => t ** 2)), 1, 2)).toBeLessThan(4.9)
      expect(z(mean(traces.map((t) => t ** 4)), 3, 96)).toBeLessThan(4.9)
      expect(z(mean(squares), 1, 2)).toBeLessThan(4.9)
    })

    itSlow('entries of different panels and strips are uncorrelated', () => {
      const [n, count] = [70, 300]
      const pairs = [
        [0, 69 * n + 69],
        [5 * n + 5, 40 * n + 66],
        [33 * n + 2, 2 * n + 33],
      ]
      for (const [a, b] of pairs) {
        const sum = sample([n, n], count, (q) => q[a] * q[b] * n).reduce((x, y) => x + y, 0)
        expect(Math.abs(sum) / Math.sqrt(count)).toBeLessThan(4.9)
      }
    })
  })
})

describe('a delta-orthogonal convolution', () => {
  it('is an orthogonal matrix at its center, and 0 elsewhere', () => {
    for (const [center, at] of [
      ['lower', 1],
      ['upper', 2],
    ] as const) {
      const matrix = filled(engine, orthogonal({ gain: 1.5 }), [5, 7]) // [in, out]
      const io = filled(engine, deltaOrthogonal({ gain: 1.5, center: center, layout: 'io' }), [4, 4, 5, 7])
      const expected = new Float32Array(io.length)
      expected.set(matrix as Float32Array, (at * 4 + at) * 35)
      expect(io).toEqual(expected)
      const oi = filled(engine, deltaOrthogonal({ gain: 1.5, center: center, layout: 'oi' }), [7, 5, 4])
      for (let o = 0; o < 7; o++) {
        for (let c = 0; c < 5; c++) {
          const tap = (o * 5 + c) * 4
          expect([...oi.subarray(tap, tap + 4)]).toEqual(
            [0, 1, 2, 3].map((k) => (k === at ? matrix[c * 7 + o] : 0)),
          )
        }
      }
    }
  })
})

describe('a sparse matrix', () => {
  it('has the exact number of zeros in each column, and normals elsewhere', () => {
    for (const sparsity of [0, 1e-9, 0.1, 0.25, 0.5, 1]) {
      const [rows, columns] = [60, 50]
      const found = filled(engine, sparse({ sparsity, std: 3 }), [rows, columns])
      const whole = filled(engine, normal({ std: 3 }), [rows, columns])
      for (let c = 0; c < columns; c++) {
        const column = Array.from({ length: rows }, (_, r) => r * columns + c)
        expect(column.filter((i) => found[i] === 0)).toHaveLength(Math.ceil(sparsity * rows))
        expect(column.every((i) => found[i] === 0 || found[i] === whole[i])).toBe(true)
      }
    }
  })

  it('has equally likely sets of zeros, independent of the values', () => {
    // 3 of 6 rows: 20 sets; chi-squared with 19 degrees of freedom exceeds 62.9 with p = 1e-6 (scipy.stats.chi2.isf)
    const columns = 20_000
    const found = filled(engine, sparse({ sparsity: 0.5 }), [6, columns])
    const whole = filled(engine, normal(), [6, columns])
    const counts = new Map<number, number>()
    let kept = 0
    for (let c = 0; c < columns; c++) {
      let set = 0
      for (let r = 0; r < 6; r++) {
        if (found[r * columns + c] === 0) set |= 1 << r
        else kept += whole[r * columns + c]
      }
      counts.set(set, (counts.get(set) ?? 0) + 1)
    }
    expect(counts.size).toBe(20)
    const expected = columns / 20
    const chi = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    expect(chi).toBeLessThan(62.9)
    expect(Math.abs(kept) / Math.sqrt(3 * columns)).toBeLessThan(4.9)
  })
})

const dimension = fc.integer({ min: 0, max: 40 })
const anyStructured = fc.oneof(
  fc.record({
    strategy: fc
      .record({
        gain: fc.double({ min: -3, max: 3, noNaN: true }),
        axis: fc.constantFrom(undefined, 0, 1, -1),
      })
      .map(orthogonal),
    shape: fc.oneof(
      fc.tuple(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 150 })),
      fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 2, maxLength: 4 }),
    ),
  }),
  fc.record({
    strategy: fc.record({ center: fc.constantFrom('upper', 'lower') }).map(deltaOrthogonal),
    shape: fc
      .tuple(dimension, dimension, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }))
      .map(([a, b, kernel]) => [Math.max(a, b), Math.min(a, b), ...kernel]),
  }),
  fc.record({
    strategy: fc.record({ sparsity: fc.double({ min: 0, max: 1, noNaN: true }) }).map(sparse),
    shape: fc.tuple(dimension, dimension),
  }),
)
const anyDtype = fc.constantFrom(...DTYPES)

describe.each(pickByTier(3, ENGINES))('matrices of the engine: %s', (_, make) => {
  let tested: Engine
  beforeAll(async () => {
    tested = await make()
  })
  afterAll(() => tested.close())

  it('equal the reference in every dtype', async () => {
    await fc.assert(
      fc.asyncProperty(anyStructured, anyDtype, async ({ strategy, shape }, dtype) => {
        const expected = bytes(filled(reference, strategy, [...shape], 'w', dtype))
        expect(bytes(filled(tested, strategy, [...shape], 'w', dtype)).equals(expected)).toBe(true)
        const { data } = await tested.tensor([...shape], strategy, { seed: 7, name: 'w', dtype })
        expect(bytes(data).equals(expected)).toBe(true)
      }),
      { numRuns: byTier(12, 60) },
    )
  })

  it('are the same piece by piece, and slices equal the slice of the whole matrix', () => {
    fc.assert(
      fc.property(
        anyStructured,
        anyDtype,
        fc.infiniteStream(fc.nat()),
        ({ strategy, shape }, dtype, cuts) => {
          const next = (max: number) => Number(cuts.next().value) % (max + 1)
          const whole = filled(reference, strategy, [...shape], 'w', dtype)
          const options = { seed: 7, name: 'w', shape, dtype }
          const offset = next(whole.length)
          const piece = new FORMATS[dtype].arrayType(next(whole.length - offset))
          tested.fillSync(piece, strategy, { ...options, offset })
          expect(bytes(piece).equals(bytes(whole.subarray(offset, offset + piece.length)))).toBe(true)

          const slice = shape.map((size) => {
            const start = next(size)
            return [start, start + next(size - start)] as const
          })
          const target = new FORMATS[dtype].arrayType(sizeOf(slice.map(([start, end]) => end - start)))
          tested.fillSync(target, strategy, { ...options, slice })
          let at = 0
          for (let i = 0; i < whole.length; i++) {
            let rest = i
            const index = shape.toReversed().map((size) => {
              const k = rest % size
              rest = Math.floor(rest / size)
              return k
            })
            const inside = index.toReversed().every((k, axis) => slice[axis][0] <= k && k < slice[axis][1])
            if (inside && target[at++] !== whole[i]) throw new Error(`element ${i} differs`)
          }
          expect(at).toBe(target.length)
        },
      ),
      { numRuns: byTier(12, 60) },
    )
  })

  it('equal the reference when they are large enough for several threads', async () => {
    for (const [shape, strategy] of [
      [[300, 270], orthogonal()],
      [[130, 600], orthogonal({ gain: 2 })],
      [[300, 300], sparse({ sparsity: 0.3 })],
    ] as const) {
      const { data } = await tested.tensor(shape, strategy, { seed: 7, name: 'w' })
      expect(bytes(data).equals(bytes(filled(reference, strategy, [...shape])))).toBe(true)
    }
  })

  it('generated concurrently do not disturb each other, nor fills of pieces of one of them', async () => {
    const shape = [270, 260]
    const names = ['a', 'b', 'a', 'c']
    const tensors = names.map((name) => tested.tensor(shape, orthogonal(), { seed: 7, name }))
    const piece = new Float32Array(1000)
    const pieces = tested.fill(piece, orthogonal(), { seed: 7, name: 'b', shape, offset: 500 })
    const again = filled(tested, orthogonal(), shape, 'c')
    for (const [k, { data }] of (await Promise.all(tensors)).entries()) {
      expect(bytes(data).equals(bytes(filled(reference, orthogonal(), shape, names[k])))).toBe(true)
    }
    await pieces
    expect([...piece]).toEqual([...filled(reference, orthogonal(), shape, 'b').subarray(500, 1500)])
    expect(bytes(again).equals(bytes(filled(reference, orthogonal(), shape, 'c')))).toBe(true)
  })

  it('report progress that never decreases and ends at the total, and stop when their signal aborts', async () => {
    const shape = [400, 400]
    const progress: number[] = []
    const onProgress = ({ done }: { done: number }) => progress.push(done)
    await tested.tensor(shape, orthogonal(), { name: 'w', onProgress })
    expect(progress.at(-1)).toBe(160_000)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))

    const stop = new AbortController()
    const large = tested.tensor([byTier(700, 1500), 1500], orthogonal(), {
      name: 'w',
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    })
    await expect(large).rejects.toThrow('enough')
    const expected = filled(reference, orthogonal(), shape)
    expect(bytes(filled(tested, orthogonal(), shape)).equals(bytes(expected))).toBe(true)
  })
})

describe('a matrix that is requested piece by piece', () => {
  it('is generated once for all dtypes, until its last element has been read', async () => {
    const generatedRows: number[] = []
    const createTask = JsBackend.prototype.createOrthogonalTask
    JsBackend.prototype.createOrthogonalTask = function (key, form) {
      generatedRows.push(form.rows)
      return createTask.call(this, key, form)
    }
    try {
      const own = await createEngine({ backend: 'js' })
      const options = { seed: 7, name: 'w', shape: [40, 30] }
      for (let offset = 0; offset < 1200; offset += 300) {
        await own.fill(new Float32Array(300), orthogonal(), { ...options, offset })
        if (offset < 900)
          own.fillSync(new Uint16Array(300), orthogonal(), { ...options, offset, dtype: 'bf16' })
      }
      expect(generatedRows).toEqual([40])
      own.fillSync(new Float32Array(1), orthogonal(), options)
      expect(generatedRows).toEqual([40, 40])
      own.fillSync(new Float32Array(1), orthogonal({ gain: 2 }), options)
      expect(generatedRows).toEqual([40, 40, 40])
    } finally {
      JsBackend.prototype.createOrthogonalTask = createTask
    }
  })
})

describe('a worker that dies during a matrix', () => {
  it('is replaced', async () => {
    class Claimer extends EventEmitter {
      private memory: WebAssembly.Memory | undefined
      postMessage({
        type,
        memory,
        counter,
      }: {
        type: string
        memory: WebAssembly.Memory
        counter: number
      }): void {
        if (type === 'simdinit:start') this.memory = memory
        else {
          Atomics.add(new Int32Array(this.memory!.buffer, counter, 1), 0, 1)
          setImmediate(() => this.emit('exit', 3))
        }
      }
      ref() {}
      unref() {}
      async terminate() {}
    }
    const own = await createEngine({ threads: 2, worker: () => new Claimer() })
    const { data } = await own.tensor([300, 300], orthogonal(), { seed: 7, name: 'w' })
    expect(bytes(data).equals(bytes(filled(reference, orthogonal(), [300, 300])))).toBe(true)
    expect(own.info).toMatchObject({ threads: 1, reason: expect.stringContaining('ended with code 3') })
  })
})

describe('bad input', () => {
  it.each<[string, () => unknown, new (message: string) => Error, string]>([
    ['gain NaN', () => orthogonal({ gain: NaN }), RangeError, '"gain" must be a finite number; received NaN'],
    [
      'sparsity above 1',
      () => sparse({ sparsity: 1.1 }),
      RangeError,
      '"sparsity" must be a number from 0 to 1; received 1.1',
    ],
    [
      'sparsity below 0',
      () => sparse({ sparsity: -1 }),
      RangeError,
      '"sparsity" must be a number from 0 to 1; received -1',
    ],
    [
      'no sparsity',
      () => sparse({} as never),
      TypeError,
      '"sparsity" must be a number from 0 to 1; received undefined',
    ],
    [
      'an unknown field',
      () => orthogonal({ scale: 1 } as object),
      TypeError,
      '"orthogonal" has no field "scale"; its fields are gain, axis',
    ],
    [
      'rank 1',
      () => filled(engine, orthogonal(), [3]),
      RangeError,
      '"shape" must be of rank 2 or more; received [3]',
    ],
    [
      'no such axis',
      () => filled(engine, orthogonal({ axis: 2 }), [3, 3]),
      RangeError,
      '"axis" must be an axis of a shape of rank 2; received 2',
    ],
    [
      'a sparse rank 3',
      () => filled(engine, sparse({ sparsity: 0.1 }), [3, 3, 3]),
      RangeError,
      '"shape" must be of rank 2; received [3, 3, 3]',
    ],
    [
      'fewer outputs',
      () => filled(engine, deltaOrthogonal(), [2, 3, 1]),
      RangeError,
      '"shape" must be a shape with at least 3 output channels, as many as inputs; received [2, 3, 1]',
    ],
    [
      'a delta of rank 2',
      () => filled(engine, deltaOrthogonal(), [3, 3]),
      RangeError,
      '"shape" must be of rank 3 to 5; received [3, 3]',
    ],
    [
      'no shape',
      () => engine.fillSync(new Float32Array(4), orthogonal(), { name: 'w' }),
      RangeError,
      '"shape" must be the dimensions of the tensor, which the strategy reads; received undefined',
    ],
    [
      'too many elements',
      () => engine.fillSync(new Float32Array(1), orthogonal(), { name: 'w', shape: [2 ** 15, 2 ** 14] }),
      RangeError,
      '"shape" must be a matrix of at most 2^28 elements and 2^22 rows or columns; received [32768, 16384]',
    ],
    [
      'more than the dtype holds',
      () => filled(engine, orthogonal({ gain: 449 }), [2, 2], 'w', 'f8_e4m3'),
      RangeError,
      'values up to 449 exceed the range of f8_e4m3, whose largest value is 448',
    ],
  ])('%s', (_, make, kind, message) => {
    expect(make).toThrow(errorOf(kind, message))
    expect(make).toThrow(kind)
  })
})
