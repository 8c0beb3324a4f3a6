/** Arrays of another realm, as a test runner, a vm context or an iframe creates them, are the same to every entry. */

import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngine, normal, toFloat32, fromFloat32, type Engine } from '../../src/index.ts'
import { readKernel } from '../../src/engine/load-kernel.ts'
import { Random } from '../../src/random/index.ts'

const foreign = (source: string) => runInNewContext(source) as never
let engines: Engine[]

beforeAll(async () => {
  engines = [await createEngine({ threads: 2 }), await createEngine({ backend: 'js' })]
})

afterAll(async () => {
  for (const engine of engines) await engine.close()
})

it.each([
  ['f32', 'new Float32Array(9000)', new Float32Array(9000)],
  ['f32', 'new Float32Array(new SharedArrayBuffer(36000))', new Float32Array(9000)],
  ['bf16', 'new Uint16Array(9000)', new Uint16Array(9000)],
  ['f8_e5m2', 'new Uint8Array(9000)', new Uint8Array(9000)],
] as const)('fills of %s %s', async (dtype, source, own) => {
  for (const engine of engines) {
    const target: Float32Array = foreign(source)
    expect(target).not.toBeInstanceOf(Float32Array)
    const options = { name: 'w', dtype: dtype as 'f32' }
    engine.fillSync(own as Float32Array, normal(), options)
    engine.fillSync(target, normal(), options)
    expect(Array.from(target)).toEqual(Array.from(own))
    await engine.fill(target.fill(0), normal(), options)
    expect(Array.from(target)).toEqual(Array.from(own))
    const [tensor] = await engine.tensors([{ ...options, shape: [9000], strategy: normal(), target }])
    expect(tensor.data).toBe(target)
  }
})

it('a Float32Array implies f32, and an array of another type is refused by its name', () => {
  const [engine] = engines
  engine.fillSync(foreign('new Float32Array(2)'), normal(), { name: 'w' })
  expect(() => engine.fillSync(foreign('new Float64Array(2)'), normal(), { name: 'w' })).toThrow(
    /^"target" must be a Float32Array, .*; received a Float64Array$/,
  )
  const forged = { [Symbol.toStringTag]: 'Float32Array', length: 2 } as never
  expect(() => engine.fillSync(forged, normal(), { name: 'w' })).toThrow(/^"target" must be a Float32Array/)
})

it('conversions, products, signals, kernels and random numbers', async () => {
  const [engine] = engines
  expect(toFloat32(foreign('new Uint16Array([0x3f80])'), 'bf16')).toEqual(Float32Array.of(1))
  expect(fromFloat32(foreign('new Float32Array([1])'), 'bf16')).toEqual(Uint16Array.of(0x3f80))
  const size = { rows: 1, inner: 1, columns: 1 }
  expect(engine.matmul(foreign('new Float32Array([3])'), Float32Array.of(2), size)).toEqual(
    Float32Array.of(6),
  )
  const signal = { [Symbol.toStringTag]: 'AbortSignal', aborted: false, throwIfAborted() {} } as never
  await engine.fill(new Float32Array(1), normal(), { name: 'w', signal })
  expect(await readKernel(foreign('new ArrayBuffer(3)'))).toEqual(new Uint8Array(3))

  const [a, b] = [new Random(1), new Random(1)]
  for (const type of ['Float32Array', 'Float64Array']) {
    const own = type === 'Float32Array' ? new Float32Array(9) : new Float64Array(9)
    const target: Float32Array = foreign(`new ${type}(9)`)
    expect(Array.from(a.uniform(target))).toEqual(Array.from(b.uniform(own)))
  }
  expect(Array.from(a.bits<BigUint64Array>(foreign('new BigUint64Array(9)')))).toEqual([
    ...b.bits(new BigUint64Array(9)),
  ])
  expect(Array.from(a.integers<Uint8Array>(200, foreign('new Uint8Array(9)')))).toEqual([
    ...b.integers(200, new Uint8Array(9)),
  ])
  expect(() => a.shuffle(foreign('new DataView(new ArrayBuffer(8))'))).toThrow(/received a DataView$/)
})
