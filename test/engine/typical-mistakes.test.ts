/**
 * Ten typical mistakes. Each is a compile-time error, which `@ts-expect-error` proves, or fails at run time with a
 * message that says what to write instead; most are both, for programs in JavaScript.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEngine, heNormal, normal, type Engine } from '../../src/index.ts'

let engine: Engine
let closed: Engine
beforeAll(async () => {
  engine = await createEngine()
  closed = await createEngine()
  await closed.close()
})
afterAll(() => engine.close())

const name = 'fc1.weight'

/** [the mistake, a program that makes it, the exact message] */
const MISTAKES: [mistake: string, program: () => unknown, sentence: string][] = [
  [
    'a shape that is not an array',
    // @ts-expect-error a number is not a shape
    () => engine.tensor(784, normal(), { name }),
    '"shape" must be an array of dimensions; received 784',
  ],
  [
    'a negative dimension',
    () => engine.tensor([784, -1], normal(), { name }),
    '"shape[1]" must be a safe integer >= 0; received -1',
  ],
  [
    'a target longer than the shape',
    () => engine.fill(new Float32Array(20), normal(), { name, shape: [4, 4] }),
    '"target" must end within the 16 elements of the tensor; received elements 0 to 20',
  ],
  [
    'no name',
    // @ts-expect-error "name" is required
    () => engine.tensor([2], normal(), { seed: 1 }),
    '"name" must be a string; received undefined',
  ],
  [
    'no options',
    // @ts-expect-error the options are required
    () => engine.tensor([2], normal()),
    '"options" must be an object; received undefined',
  ],
  [
    'an unknown dtype',
    // @ts-expect-error 'half' is not a dtype
    () => engine.tensor([2], normal(), { name, dtype: 'half' }),
    `"dtype" must be one of 'f32', 'bf16', 'f16', 'f8_e4m3', 'f8_e5m2'; received "half"`,
  ],
  [
    'a dtype that does not fit the target',
    // @ts-expect-error bf16 is stored in a Uint16Array
    () => engine.fill(new Float32Array(2), normal(), { name, dtype: 'bf16' }),
    '"target" must be a Uint16Array for dtype bf16; received a Float32Array',
  ],
  [
    'no dtype for a target of bit patterns',
    // @ts-expect-error "dtype" is required for a Uint16Array
    () => engine.fill(new Uint16Array(2), normal(), { name }),
    `"dtype" must be 'bf16' or 'f16' for a Uint16Array; received undefined`,
  ],
  [
    'a strategy that is not called',
    // @ts-expect-error a function is not a strategy
    () => engine.tensor([2, 2], heNormal, { name }),
    '"strategy" must be a strategy; received the function heNormal: call it, heNormal()',
  ],
  [
    'a negative standard deviation',
    () => engine.tensor([2], { type: 'normal', std: -1 }, { name }),
    '"std" must be a finite number >= 0; received -1',
  ],
  [
    'a closed engine',
    () => closed.tensor([2], normal(), { name }),
    'this engine has been closed; create another with createEngine()',
  ],
  [
    'a Float64Array',
    // @ts-expect-error no dtype is stored in a Float64Array
    () => engine.fill(new Float64Array(2), normal(), { name }),
    '"target" must be a Float32Array, a Uint16Array for bf16 and f16, or a Uint8Array for f8_e4m3 and f8_e5m2; received a Float64Array',
  ],
  [
    'a dimension of 0',
    () => engine.tensor([784, 0], heNormal(), { name }),
    '"shape[1]" must be at least 1 for a strategy that is scaled by fans; received 0',
  ],
  [
    'two tensors with the same name',
    () =>
      engine.tensors([
        { name, shape: [2], strategy: normal() },
        { name: 'fc1.bias', shape: [2], strategy: 'zeros' },
        { name, shape: [2], strategy: normal() },
      ]),
    '"list[2].name" must be another name than list[0].name (or set allowDuplicateNames: true); received "fc1.weight"',
  ],
]

describe('a typical mistake', () => {
  it.each(MISTAKES)('%s: the message says what to write instead', async (_, program, sentence) => {
    const error = await Promise.resolve(program()).catch((error: Error) => error)
    expect(error).toBeInstanceOf(Error)
    expect((error as Error).message).toBe(sentence)
  })

  it('a forgotten await does not compile', async () => {
    const promise = createEngine()
    // @ts-expect-error a promise has no engine methods
    expect(() => promise.tensor([2], normal(), { name })).toThrow(TypeError)
    const created = await promise
    const tensor = created.tensor([2], normal(), { name })
    // @ts-expect-error a promise has no data
    expect(tensor.data).toBeUndefined()
    await tensor
    // @ts-expect-error a promise is not a target
    await expect(created.fill(created.tensor([2], normal(), { name }), normal(), { name })).rejects.toThrow(
      'received a Promise',
    )
    await created.close()
  })

  it('the message about the name covers every call that needs one', async () => {
    const target = new Float32Array(2)
    const sentence = '"name" must be a string; received undefined'
    // @ts-expect-error "name" is required
    expect(() => engine.fillSync(target, normal(), {})).toThrow(sentence)
    // @ts-expect-error "name" is required
    await expect(engine.fill(target, normal(), {})).rejects.toThrow(sentence)
    // @ts-expect-error "name" is required
    await expect(engine.tensors([{ shape: [2], strategy: normal() }])).rejects.toThrow(sentence)
  })
})
