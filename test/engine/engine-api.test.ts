/** The public interface of an engine apart from the bytes: disposal, printing, plain tensor records and their types. */

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createEngine, normal, toFloat32, zeros, type TensorRequest } from '../../src/index.ts'

describe('an engine', () => {
  it('is disposed at the end of an `await using` block', async () => {
    let engine
    {
      await using scoped = await createEngine({ backend: 'js' })
      engine = scoped
      await engine.tensor([2], normal(), { name: 'w' })
    }
    await expect(engine.tensor([2], normal(), { name: 'w' })).rejects.toThrow('this engine has been closed')
  })

  it('prints as one informative line', async () => {
    const engine = await createEngine({ threads: 1 })
    expect(inspect(engine)).toBe(
      'Engine (backend wasm, threads 1: wasm with SIMD runs here; one thread was requested)',
    )
    await engine.close()
    expect(inspect(engine)).toBe('Engine (closed)')
  })
})

describe('a tensor', () => {
  it('is a plain object: spread, structuredClone and JSON keep every field', async () => {
    await using engine = await createEngine({ backend: 'js' })
    const tensor = await engine.tensor([2, 3], normal(), { name: 'w', dtype: 'bfloat16' })
    expect({ ...tensor }).toEqual(tensor)
    expect(structuredClone(tensor)).toEqual(tensor)
    expect(Object.keys(JSON.parse(JSON.stringify(tensor)))).toEqual(['data', 'shape', 'dtype', 'name'])
    expect(Object.getPrototypeOf(tensor)).toBe(Object.prototype)
  })

  it('has data that Blob, crypto.subtle.digest and GPU buffers accept', async () => {
    await using engine = await createEngine({ backend: 'js' })
    const { data } = await engine.tensor([5], normal(), { name: 'w', dtype: 'f16' })
    const writeBuffer = (source: ArrayBufferView<ArrayBuffer>) => source.byteLength
    expect(new Blob([data]).size).toBe(10)
    expect((await crypto.subtle.digest('SHA-256', data)).byteLength).toBe(32)
    expect(writeBuffer(data)).toBe(10)
  })

  it('has the typed array of its requested dtype', async () => {
    await using engine = await createEngine({ backend: 'js' })
    const [weight, bias, own] = await engine.tensors([
      { name: 'weight', shape: [2], strategy: normal(), dtype: 'bfloat16' },
      { name: 'bias', shape: [2], strategy: zeros(), shared: true },
      { name: 'own', shape: [2], strategy: 'ones', target: new Float32Array(2) },
    ])
    const bits: Uint16Array<ArrayBuffer> = weight.data
    const shared: Float32Array<SharedArrayBuffer> = bias.data
    const target: Float32Array = own.data
    const dtype: 'bf16' = weight.dtype
    expect(toFloat32(bits, dtype)).toHaveLength(2)
    expect([...shared, ...target]).toEqual([0, 0, 1, 1])
    // @ts-expect-error a Blob does not accept shared memory
    expect(new Blob([shared]).size).toBe(8)
  })
})

describe('two tensors with the same name', () => {
  const twice: TensorRequest[] = ['w', 'v', 'w'].map((name) => ({ name, shape: [2], strategy: normal() }))

  it('are rejected before anything is filled, even when their seeds differ', async () => {
    await using engine = await createEngine({ backend: 'js' })
    const target = new Float32Array(2).fill(9)
    const list = [{ ...twice[0], target, seed: 1 } as TensorRequest, ...twice.slice(1)]
    await expect(engine.tensors(list)).rejects.toThrow('"list[2].name" must be another name')
    expect([...target]).toEqual([9, 9])
  })

  it('are allowed with allowDuplicateNames, and are equal', async () => {
    await using engine = await createEngine({ backend: 'js' })
    const [first, , second] = await engine.tensors(twice, { allowDuplicateNames: true })
    expect(second).toEqual(first)
  })
})
