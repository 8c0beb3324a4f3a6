import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createEngine, normal, zeros } from '../../src/index.ts'
import {
  FAMILIES,
  parseRecipe,
  generateChunks,
  listTensorInfo as report,
  lendBuffers,
  matchesPattern,
  planModel,
  PRESETS,
} from '../../src/models/index.ts'
import { layoutFile } from '../../src/safetensors/index.ts'
import { TINY_CONFIG } from '../support/run-simdinit.ts'

const shapesOf = (config: object) =>
  planModel(config).files.flatMap(({ tensors }) => tensors.map(({ name, shape }) => [name, [...shape]]))

describe('the plan of GPT-2', () => {
  it('has 124,439,808 parameters for the published config, which equals the preset', () => {
    const config = JSON.parse(readFileSync('examples/gpt2/config.json', 'utf8'))
    expect(config).toEqual(PRESETS.gpt2.config)
    expect(planModel(config).parameters).toBe(124_439_808)
  })

  it.each([
    ['gpt2-medium', 354_823_168],
    ['gpt2-large', 774_030_080],
    ['gpt2-xl', 1_557_611_200],
  ])('of a larger preset has the published number of parameters: %s', (preset, parameters) => {
    expect(planModel(PRESETS[preset].config).parameters).toBe(parameters)
  })

  it('follows transformers: initializer_range, residual projections by sqrt(2 n_layer), biases 0, norms 1', () => {
    const tensors = Object.fromEntries(report(planModel(PRESETS.gpt2.config)).map((t) => [t.name, t]))
    const std = (name: string) => tensors[`transformer.${name}`].std
    expect(std('wte.weight')).toBe(0.02)
    expect(std('wpe.weight')).toBe(0.02)
    expect(std('h.7.attn.c_attn.weight')).toBe(0.02)
    expect(std('h.7.mlp.c_fc.weight')).toBe(0.02)
    expect(std('h.7.attn.c_proj.weight')).toBe(0.02 / Math.sqrt(24))
    expect(std('h.7.mlp.c_proj.weight')).toBeCloseTo(0.004082482905, 12)
    expect(tensors['transformer.h.7.attn.c_attn.bias'].distribution).toEqual({ type: 'constant', value: 0 })
    expect(tensors['transformer.h.7.ln_1.weight'].distribution).toEqual({ type: 'constant', value: 1 })
    expect(tensors['transformer.ln_f.bias'].distribution).toEqual({ type: 'constant', value: 0 })
  })

  it('reads the fans of Conv1D as [in, out]', () => {
    const tensors = report(planModel(PRESETS.gpt2.config))
    const fans = tensors.find(({ name }) => name.endsWith('h.0.attn.c_attn.weight'))
    expect(fans).toMatchObject({ shape: [768, 2304], fanIn: 768, fanOut: 2304 })
    expect(tensors.find(({ name }) => name.endsWith('ln_f.weight'))).toMatchObject({
      fanIn: null,
      fanOut: null,
    })
  })

  it('contains the head only if it is not tied', () => {
    const names = (config: object) => shapesOf(config).map(([name]) => name)
    expect(names(TINY_CONFIG)).not.toContain('lm_head.weight')
    expect(names({ ...TINY_CONFIG, tie_word_embeddings: false })).toContain('lm_head.weight')
  })

  it('honors n_inner, and the other spellings of a field', () => {
    const shape = (config: object) =>
      shapesOf(config).find(([name]) => name === 'transformer.h.0.mlp.c_fc.weight')?.[1]
    expect(shape(TINY_CONFIG)).toEqual([8, 32])
    expect(shape({ ...TINY_CONFIG, n_inner: null })).toEqual([8, 32])
    expect(shape({ ...TINY_CONFIG, n_inner: 24 })).toEqual([8, 24])
    const { n_embd, ...rest } = TINY_CONFIG
    expect(shape({ ...rest, hidden_size: n_embd })).toEqual([8, 32])
  })

  it('uses the requested dtype, else that of the config, else f32, and names it in the config', () => {
    expect(planModel(TINY_CONFIG)).toMatchObject({ dtype: 'f32', config: { dtype: 'float32' } })
    expect(planModel({ ...TINY_CONFIG, dtype: 'bfloat16' })).toMatchObject({
      dtype: 'bf16',
      config: { dtype: 'bfloat16' },
    })
    expect(planModel({ ...TINY_CONFIG, torch_dtype: 'float16' })).toMatchObject({
      dtype: 'f16',
      config: { torch_dtype: 'float16' },
    })
    const plan = planModel({ ...TINY_CONFIG, torch_dtype: 'float16' }, { dtype: 'bf16' })
    expect(plan).toMatchObject({ dtype: 'bf16', config: { torch_dtype: 'bfloat16' } })
    expect(plan.config).not.toHaveProperty('dtype')
  })

  it('removes quantization fields of a published config, since its weights are not quantized', () => {
    const config = { ...TINY_CONFIG, quantization_config: { quant_method: 'fp8' } }
    expect(planModel(config).config).toEqual(planModel(TINY_CONFIG).config)
  })

  it('stores only matrices in 8 bits, the rest in the dtype of the config or in bf16, which the config then names', () => {
    const kinds = (plan: ReturnType<typeof planModel>) => {
      const tensors = plan.files.flatMap((file) => file.tensors)
      return new Set(tensors.map(({ dtype, shape }) => `${shape.length} ${dtype}`))
    }
    const plan = planModel(TINY_CONFIG, { dtype: 'f8_e4m3' })
    expect(plan).toMatchObject({ dtype: 'f8_e4m3', config: { dtype: 'bfloat16' } })
    expect(kinds(plan)).toEqual(new Set(['2 f8_e4m3', '1 bf16']))
    const half = planModel({ ...TINY_CONFIG, dtype: 'float16' }, { dtype: 'f8_e5m2' })
    expect(half).toMatchObject({ dtype: 'f8_e5m2', config: { dtype: 'float16' } })
    expect(kinds(half)).toEqual(new Set(['2 f8_e5m2', '1 f16']))
    expect(kinds(planModel({ ...TINY_CONFIG, dtype: 'float8_e5m2' }))).toEqual(
      new Set(['2 f8_e5m2', '1 bf16']),
    )
  })

  it('reports which class it assumes if the config names none', () => {
    const { architectures: _, ...config } = TINY_CONFIG
    expect(planModel(config)).toMatchObject({ architecture: 'GPT2LMHeadModel', architectureInferred: true })
    expect(planModel(TINY_CONFIG).architectureInferred).toBe(false)
  })
})

describe('an invalid config throws a descriptive error', () => {
  const families = FAMILIES.map(({ type }) => type).join(', ')
  const deep = JSON.parse('{"task_specific_params": {"a": [{"__proto__": {}}]}}')
  it.each<[string, unknown, string]>([
    ['not an object', [], 'config.json must be an object; received []'],
    ['prototype keys', { ...TINY_CONFIG, ...deep }, 'config.json: the key "__proto__" is not allowed'],
    [
      'a negative dimension',
      { ...TINY_CONFIG, n_embd: -8 },
      'config.json: "n_embd" must be an integer from 1 to 2147483648; received -8',
    ],
    [
      'a fraction',
      { ...TINY_CONFIG, n_layer: 1.5 },
      'config.json: "n_layer" must be an integer from 1 to 10000; received 1.5',
    ],
    [
      'zero',
      { ...TINY_CONFIG, vocab_size: 0 },
      'config.json: "vocab_size" must be an integer from 1 to 2147483648; received 0',
    ],
    [
      'text',
      { ...TINY_CONFIG, n_embd: '8' },
      'config.json: "n_embd" must be an integer from 1 to 2147483648; received "8"',
    ],
    [
      'an enormous dimension',
      { ...TINY_CONFIG, n_embd: 1e308 },
      'config.json: "n_embd" must be an integer from 1 to 2147483648; received 1e+308',
    ],
    [
      'enormous depth',
      { ...TINY_CONFIG, n_layer: 1e9 },
      'config.json: "n_layer" must be an integer from 1 to 10000; received 1000000000',
    ],
    [
      'heads that do not divide',
      { ...TINY_CONFIG, n_head: 3 },
      'config.json: "n_embd" must be a multiple of "n_head" (3); received 8',
    ],
    [
      'another architecture',
      { ...TINY_CONFIG, model_type: 'rwkv' },
      `config.json: "model_type" must be one of ${families}; received "rwkv"`,
    ],
    ['no architecture', {}, `config.json: "model_type" must be one of ${families}; received nothing`],
    [
      'another class',
      { ...TINY_CONFIG, architectures: ['GPT2Model'] },
      'config.json: "architectures" must be one of GPT2LMHeadModel for gpt2; received "GPT2Model"',
    ],
    [
      'a negative deviation',
      { ...TINY_CONFIG, initializer_range: -1 },
      'config.json: "initializer_range" must be a finite number >= 0; received -1',
    ],
    [
      'an unknown dtype',
      { ...TINY_CONFIG, dtype: 'int8' },
      'config.json: "dtype" must be one of float32, bfloat16, float16, float8_e4m3fn, float8_e5m2; received "int8"',
    ],
    [
      'an overflow of the dtype',
      { ...TINY_CONFIG, dtype: 'float16', initializer_range: 1e5 },
      'transformer.wte.weight: values up to 633800 exceed the range of f16, whose largest value is 65504',
    ],
  ])('%s', (_, config, sentence) => {
    expect(() => planModel(config as object)).toThrow(
      expect.objectContaining({ name: 'InputError', message: sentence }),
    )
  })
})

describe('recipes', () => {
  it.each<[string, string, boolean]>([
    ['**.bias', 'transformer.h.0.ln_1.bias', true],
    ['**.bias', 'bias', true],
    ['*.bias', 'a.b.bias', false],
    ['transformer.h.*.ln_*.weight', 'transformer.h.11.ln_2.weight', true],
    ['transformer.h.*.ln_*.weight', 'transformer.h.11.x.ln_2.weight', false],
    ['**', 'a.b.c', true],
    ['a.**.c', 'a.c', true],
    ['a.**.c', 'a.b.b.c', true],
    ['a.**.c', 'a.b.b.d', false],
    ['h*d.w', 'head.w', true],
    ['h*d.w', 'heads.w', false],
    ['a+(b)', 'a+(b)', true],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(matchesPattern(pattern, name)).toBe(expected)
  })

  it('match in polynomial time, for any pattern', () => {
    expect(matchesPattern(`${'**.a.'.repeat(40)}b`, Array(400).fill('a').join('.'))).toBe(false)
    expect(matchesPattern(`${'*a'.repeat(200)}b`, 'a'.repeat(20_000))).toBe(false)
  })

  it('match every name with the name itself', () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z_.0-9]+$/), (name) => matchesPattern(name, name)))
  })

  it('use the first rule that matches, and throw for a parameter that matches none', () => {
    const rules = [
      { match: '**.bias', strategy: normal({ std: 0.5 }) },
      { match: '**', strategy: zeros() },
    ]
    const plan = planModel(TINY_CONFIG, { recipe: { format: 1, rules } })
    const std = (name: string) => report(plan).find((t) => t.name === name)?.std
    expect(std('transformer.ln_f.bias')).toBe(0.5)
    expect(std('transformer.ln_f.weight')).toBe(0)
    expect(() => planModel(TINY_CONFIG, { recipe: { format: 1, rules: rules.slice(0, 1) } })).toThrow(
      'no rule of the recipe matches the parameter "transformer.wte.weight"',
    )
  })

  it('may name strategies by their factories', () => {
    const recipe = { format: 1, rules: [{ match: '**', strategy: { type: 'heNormal', fanIn: 8 } }] }
    const [tensor] = report(planModel(TINY_CONFIG, { recipe }))
    expect(tensor).toMatchObject({ strategy: { type: 'varianceScaling', scale: 2 }, std: 0.5 })
  })

  it.each<[unknown, string]>([
    [{ format: 2, rules: [] }, 'recipe: "format" must be 1; received 2'],
    [{ format: 1, rules: {} }, 'recipe: "rules" must be a list; received an object'],
    [
      { format: 1, rules: [{ match: '', strategy: zeros() }] },
      'recipe: "rules[0].match" must be a pattern such as "**.bias"; received ""',
    ],
    [
      { format: 1, rules: [{ match: '**', strategy: { type: 'zeros', std: 1 } }] },
      'recipe: "zeros" has no field "std"; it takes none',
    ],
    [
      { format: 1, rules: [{ match: '**', regex: 'x', strategy: zeros() }] },
      'recipe: "rules[0]" has no field "regex"; its fields are match, strategy',
    ],
  ])('rejects %j', (json, sentence) => {
    expect(() => parseRecipe(json)).toThrow(
      expect.objectContaining({ name: 'InputError', message: expect.stringContaining(sentence) }),
    )
  })
})

describe('generation', () => {
  it('does not depend on the boundaries of chunks, in any dtype', async () => {
    const engine = await createEngine({ backend: 'wasm' })
    for (const dtype of ['f32', 'bf16', 'f16'] as const) {
      const [file] = planModel(TINY_CONFIG, { dtype }).files
      const bytesInChunksOf = async (chunkBytes: number) => {
        const buffers = lendBuffers(engine, chunkBytes)
        const parts: Buffer[] = []
        for await (const { bytes } of generateChunks(engine, file, 7, buffers)) parts.push(Buffer.from(bytes))
        for (const buffer of buffers) buffer.release()
        return Buffer.concat(parts)
      }
      const expected = await bytesInChunksOf(2 ** 20)
      expect(expected.length).toBe(file.bytes - file.headerBytes)
      for (const size of [8, 24, 1000, 4096])
        expect((await bytesInChunksOf(size)).equals(expected)).toBe(true)
    }
    await engine.close()
  })

  it('gives each tensor the values of the library for its name', async () => {
    const engine = await createEngine()
    const layout = layoutFile([{ name: 'b', dtype: 'f32' as const, shape: [3, 5], strategy: normal() }])
    const buffers = lendBuffers(engine, 64)
    const { value } = await generateChunks(engine, layout, 'seed', buffers).next()
    const { data } = await engine.tensor([3, 5], normal(), { seed: 'seed', name: 'b' })
    expect(Buffer.from(value.bytes).equals(Buffer.from(data.buffer))).toBe(true)
  })
})
