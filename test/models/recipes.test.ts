/** Built-in recipes, config overrides and presets, against the figures of their sources. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  listTensorInfo as report,
  FAMILIES,
  parseConfig,
  planModel,
  PRESETS,
  RECIPES,
  listRecipes,
} from '../../src/models/index.ts'
import { TINY_CONFIG } from '../support/run-simdinit.ts'
import { byTier } from '../support/tier.ts'

type Tensor = ReturnType<typeof report>[number]

/** The figures of a plan for its tensors, by name. */
function tensorsOf(config: object, recipe: string): (name: string) => Tensor {
  const all = new Map(report(planModel(config, { recipe })).map((t) => [t.name, t]))
  return (name) => all.get(name)!
}

const tinyConfigs = FAMILIES.flatMap(({ type }) => {
  const { models } = JSON.parse(readFileSync(`test/fixtures/models/${type}.json`, 'utf8'))
  const tiny = models.filter(({ label }: { label: string }) => label.startsWith('tiny'))
  return tiny.map(({ label, config }: { label: string; config: object }) => ({ type, label, config }))
}) as { type: string; label: string; config: object }[]

const tiny = (type: string, extra: object = {}) => ({
  ...tinyConfigs.find((c) => c.type === type && c.label === 'tiny')!.config,
  ...extra,
})

describe('recipes and families', () => {
  it('each recipe lists existing families, and each family has hf', () => {
    const types = FAMILIES.map(({ type }) => type)
    for (const { families, source } of RECIPES) {
      expect(source).not.toBe('')
      if (families !== 'all') expect(types).toEqual(expect.arrayContaining([...families]))
    }
    for (const family of FAMILIES) expect(listRecipes(family)).toContain('hf')
  })

  const named = ({ name, argument }: (typeof RECIPES)[number]) =>
    argument === undefined ? name : `${name}:16`

  it.each(RECIPES.map((recipe) => [recipe.name, recipe] as const))(
    '%s: fills every tensor of every config of its families, and rejects other families',
    (_, recipe) => {
      for (const { type, label, config } of tinyConfigs) {
        const plan = () => planModel(config, { recipe: named(recipe) })
        if (recipe.families === 'all' || recipe.families.includes(type)) {
          expect(plan, `${type}, ${label}`).not.toThrow()
          expect(plan().recipe).toBe(named(recipe))
        } else
          expect(plan).toThrow(
            `"recipe" must be one of ${listRecipes(FAMILIES.find((family) => family.type === type)!).join(', ')} for ${type}; received "${recipe.name}"`,
          )
      }
    },
  )

  it.each([
    ['mup', '"recipe" must be mup:<base width>, such as mup:256; received "mup"'],
    ['mup:', '"recipe" must be mup:<base width>, such as mup:256; received "mup:"'],
    ['mup:0', '"recipe" must be mup:<base width>, such as mup:256; received "mup:0"'],
    ['mup:1.5', '"recipe" must be mup:<base width>, such as mup:256; received "mup:1.5"'],
    ['hf:2', '"recipe" must be hf, without an argument; received "hf:2"'],
    [
      'megatorn',
      '"recipe" must be one of hf, gpt2-paper, megatron, gpt-neox, olmo-mitchell, torchtitan, deepnet, t-fixup, mup, bert-original or a JSON file; received "megatorn"',
    ],
  ])('%s is rejected', (recipe, sentence) => {
    expect(() => planModel(TINY_CONFIG, { recipe })).toThrow(
      expect.objectContaining({ name: 'InputError', message: sentence }),
    )
  })
})

describe('recipes have the figures of their sources', () => {
  it('hf, T5: the std follows the input width of a matrix (small, base, large)', () => {
    const sizes = [
      [512, 64, 8, 2048, 0.0055242717, 0.044194174, 0.044194174, 0.022097087],
      [768, 64, 12, 3072, 0.004510549, 0.036084392, 0.036084392, 0.018042196],
      [1024, 64, 16, 4096, 0.00390625, 0.03125, 0.03125, 0.015625],
    ]
    for (const [d_model, d_kv, num_heads, d_ff, q, k, o, wo] of sizes) {
      const config = { model_type: 't5', d_model, d_kv, num_heads, d_ff, num_layers: 1 }
      const at = tensorsOf(config, 'hf')
      const self = 'decoder.block.0.layer.0.SelfAttention'
      expect(at('shared.weight').std).toBe(1)
      expect(at(`${self}.q.weight`).std).toBeCloseTo(q, 9)
      expect(at(`${self}.k.weight`).std).toBeCloseTo(k, 9)
      expect(at(`${self}.o.weight`).std).toBeCloseTo(o, 9)
      expect(at('decoder.block.0.layer.2.DenseReluDense.wo.weight').std).toBeCloseTo(wo, 9)
    }
  })

  it.each([
    ['gpt2', 12, 0.004082482905],
    ['gpt2-medium', 24, 0.002886751346],
    ['gpt2-large', 36, 0.002357022604],
    ['gpt2-xl', 48, 0.002041241452],
    ['gpt3-175b', 96, 0.001443375673],
  ])('residual projections of %s, %i layers: %d in hf, gpt2-paper and megatron', (preset, _, std) => {
    for (const recipe of ['hf', 'gpt2-paper', 'megatron']) {
      const at = tensorsOf(PRESETS[preset].config, recipe)
      expect(at('transformer.h.3.attn.c_proj.weight').std).toBeCloseTo(std, 11)
      expect(at('transformer.h.3.mlp.c_fc.weight').std).toBe(0.02)
      expect(at('transformer.wte.weight').std).toBe(0.02)
    }
    const positions = tensorsOf(PRESETS[preset].config, 'gpt2-paper')('transformer.wpe.weight')
    expect(positions.std).toBe(0.01)
  })

  it('gpt-neox: the 20B has 0.0080687 and 0.00057990', () => {
    const at = tensorsOf({ model_type: 'gpt_neox' }, 'gpt-neox')
    for (const name of ['attention.query_key_value', 'mlp.dense_h_to_4h'])
      expect(at(`gpt_neox.layers.7.${name}.weight`).std).toBeCloseTo(0.008068715305, 11)
    for (const name of ['attention.dense', 'mlp.dense_4h_to_h'])
      expect(at(`gpt_neox.layers.7.${name}.weight`).std).toBeCloseTo(0.0005798981399, 12)
    expect(at('gpt_neox.embed_in.weight').std).toBeCloseTo(0.008068715305, 11)
  })

  it('bert-original: truncated at two, so that 0.02 becomes 0.0175925, padding row included', () => {
    const at = tensorsOf(tiny('bert'), 'bert-original')
    expect(at('bert.embeddings.word_embeddings.weight')).toMatchObject({
      strategy: { type: 'truncatedNormal', std: 0.02, low: -0.04, high: 0.04 },
    })
    expect(at('cls.seq_relationship.weight').std).toBeCloseTo(0.0175925, 7)
    expect(at('cls.predictions.bias').std).toBe(0)
  })

  it('olmo-mitchell: 1/sqrt(d), outputs by depth and fan-in, truncated at three', () => {
    const at = tensorsOf(tiny('llama', { num_hidden_layers: 4 }), 'olmo-mitchell')
    const cut = 0.98657839255810864 // the standard deviation of the standard normal truncated at three
    const std = (name: string) => at(`model.layers.3.${name}.weight`).std / cut
    expect(std('self_attn.q_proj')).toBeCloseTo(1 / Math.sqrt(32), 9)
    expect(std('mlp.gate_proj')).toBeCloseTo(1 / Math.sqrt(32), 9)
    expect(std('self_attn.o_proj')).toBeCloseTo(1 / Math.sqrt(2 * 32 * 4), 9)
    expect(std('mlp.down_proj')).toBeCloseTo(1 / Math.sqrt(2 * 56 * 4), 9)
    expect(at('lm_head.weight').std / cut).toBeCloseTo(1 / Math.sqrt(32), 9)
  })

  it('torchtitan: embeddings 1, gates 0.02, outputs and the second half of the gate by depth', () => {
    const at = tensorsOf(tiny('llama'), 'torchtitan')
    expect(at('model.embed_tokens.weight').std).toBe(1)
    expect(at('model.layers.1.mlp.gate_proj.weight').std).toBeCloseTo(0.02, 12)
    for (const name of ['mlp.up_proj', 'mlp.down_proj', 'self_attn.o_proj'])
      expect(at(`model.layers.1.${name}.weight`).std).toBeCloseTo(0.02 / Math.sqrt(4), 12)
    expect(at('lm_head.weight').strategy).toMatchObject({ std: 1 / Math.sqrt(32), high: 3 / Math.sqrt(32) })
    const tied = tensorsOf(tiny('qwen3', { tie_word_embeddings: true }), 'torchtitan')
    expect(tied('model.embed_tokens.weight').strategy).toEqual(at('lm_head.weight').strategy)
    const moe = tensorsOf(tiny('deepseek_v3'), 'torchtitan')
    expect(moe('model.layers.2.mlp.gate.weight').std).toBeCloseTo(0.02 / Math.sqrt(6), 12)
    expect(moe('model.layers.2.mlp.experts.3.gate_proj.weight').std).toBeCloseTo(0.02, 12)
    expect(moe('model.layers.2.mlp.gate.e_score_correction_bias').dtype).toBe('f32')
  })

  it('deepnet: Xavier divided by (8 layers)^1/4, which is 3.7224 for 24 layers, except for queries and keys', () => {
    const at = tensorsOf({ model_type: 'bert', num_hidden_layers: 24 }, 'deepnet')
    const std = (name: string) => at(`bert.encoder.layer.9.${name}.weight`).std
    expect(std('attention.self.query')).toBeCloseTo(Math.sqrt(1 / 768), 12)
    expect(std('attention.self.query') / std('attention.self.value')).toBeCloseTo(3.7224, 4)
    expect(Math.sqrt(2 / (768 + 3072)) / std('output.dense')).toBeCloseTo(3.7224, 4)
    expect(at('bert.embeddings.word_embeddings.weight').strategy).toMatchObject({
      type: 'zeroRows',
      rows: [0],
    })
    const both = tensorsOf({ model_type: 't5', num_layers: 6, num_decoder_layers: 3 }, 'deepnet')
    const wo = (part: string, layer: number) =>
      both(`${part}.block.2.layer.${layer}.DenseReluDense.wo.weight`).std
    expect(Math.sqrt(2 / 2560) / wo('decoder', 2)).toBeCloseTo((12 * 3) ** 0.25, 9)
    expect(Math.sqrt(2 / 2560) / wo('encoder', 1)).toBeCloseTo((6 ** 4 * 3) ** 0.0625 / 1.15, 9)
  })

  it('t-fixup: 0.67 N^-1/4 in the encoder, (9 N)^-1/4 in the decoder and the embeddings', () => {
    const at = tensorsOf({ model_type: 't5', num_layers: 6 }, 't-fixup')
    const plain = at('encoder.block.2.layer.0.SelfAttention.q.weight').std
    expect(at('encoder.block.2.layer.0.SelfAttention.v.weight').std / plain).toBeCloseTo(
      0.67 * 6 ** -0.25,
      12,
    )
    expect(at('decoder.block.2.layer.1.EncDecAttention.v.weight').std / plain).toBeCloseTo(54 ** -0.25, 12)
    expect(at('shared.weight').std).toBeCloseTo(54 ** -0.25 / Math.sqrt(512), 12)
  })

  it('mup: equals megatron at the base width, and half of it at four times the width, except for embeddings', () => {
    const base = report(planModel(tiny('llama'), { recipe: 'mup:32' })).map((t) => t.std)
    expect(base).toEqual(report(planModel(tiny('llama'), { recipe: 'megatron' })).map((t) => t.std))
    const [at, plain] = ['mup:8', 'megatron'].map((recipe) => tensorsOf(tiny('llama'), recipe))
    for (const name of ['self_attn.q_proj', 'self_attn.o_proj', 'mlp.up_proj', 'mlp.down_proj'].map(
      (part) => `model.layers.1.${part}.weight`,
    ))
      expect(at(name).std / plain(name).std).toBeCloseTo(0.5, 12)
    for (const name of ['model.embed_tokens.weight', 'lm_head.weight']) expect(at(name).std).toBe(0.02)
  })
})

/** The config of a plan, without the dtype, which every plan adds. */
function applyConfigOverrides(config: object, set: readonly string[]): object {
  const { dtype, ...fields } = planModel(config, { set }).config
  return Object.hasOwn(config, 'dtype') || set.some((setting) => setting.startsWith('dtype='))
    ? { ...fields, dtype }
    : fields
}

describe('config overrides', () => {
  it('shrink a model, with any spelling of a field', () => {
    expect(planModel(PRESETS.gpt2.config, { set: ['num_hidden_layers=2', 'n_embd=24'] })).toMatchObject({
      layers: 2,
      config: { n_layer: 2, n_embd: 24 },
    })
    expect(applyConfigOverrides(TINY_CONFIG, ['n_layer=1', 'n_layer=3'])).toEqual({
      ...TINY_CONFIG,
      n_layer: 3,
    })
    expect(applyConfigOverrides(TINY_CONFIG, ['num_hidden_layers=3'])).toEqual({ ...TINY_CONFIG, n_layer: 3 })
  })

  it('change every spelling of a field that exists, since transformers may read any of them', () => {
    const config = { ...tiny('whisper'), encoder_layers: 4, num_hidden_layers: 4 }
    for (const key of ['num_hidden_layers', 'encoder_layers'])
      expect(applyConfigOverrides(config, [`${key}=2`])).toEqual({
        ...config,
        encoder_layers: 2,
        num_hidden_layers: 2,
      })
  })

  it.each([
    [
      'what was a float',
      { initializer_factor: 1.5, rms: 1e-6 },
      'initializer_factor=2',
      '"initializer_factor": 2.0',
    ],
    ['what the family does not read', { rms: 1e-6 }, 'rms=1', '"rms": 1.0'],
    ['what the config does not say', {}, 'initializer_factor=3', '"initializer_factor": 3.0'],
    ['a count', { num_layers: 2 }, 'num_layers=3.0', '"num_layers": 3'],
    ['a field that is not a float', { rms: 1 }, 'rms=2', '"rms": 2'],
  ])('write a float as a float, which transformers requires: %s', (_, fields, setting, line) => {
    const { configText } = planModel({ ...tiny('t5'), ...fields }, { set: [setting] })
    expect(configText.split(/,?\n */)).toContain(line)
  })

  it('keep the float format of a 1.0 in the file', () => {
    const config = parseConfig('{"model_type": "t5", "initializer_factor": 1.0, "x": 1}')
    const set = ['initializer_factor=2', 'initializer_factor=4', 'x=2']
    const written = planModel(config, { set }).configText
    expect(written).toContain('"initializer_factor": 4.0,')
    expect(written).toContain('"x": 2,\n')
    expect(planModel(config).configText).toContain('"initializer_factor": 1.0')
  })

  it.each(tinyConfigs.map(({ type, label, config }) => [type, label, config] as const))(
    'plan %s, %s the same as the config that they write',
    (_, __, config) => {
      for (const field of planFields(config).filter((name) => /layers?$/.test(name))) {
        const plan = planModel(config, { set: [`${field}=1`] })
        expect(planModel(plan.config)).toEqual(plan)
      }
    },
  )

  it('add fields that the family reads and the config lacks', () => {
    expect(applyConfigOverrides(TINY_CONFIG, ['tie_word_embeddings=false', 'dtype=bfloat16'])).toEqual({
      ...TINY_CONFIG,
      tie_word_embeddings: false,
      dtype: 'bfloat16',
    })
  })

  it('shorten lists with one entry per layer', () => {
    const config = { ...tiny('qwen2'), layer_types: ['full_attention', 'full_attention'] }
    expect(applyConfigOverrides(config, ['num_hidden_layers=1'])).toMatchObject({
      layer_types: ['full_attention'],
    })
  })

  it('do not make a model deeper than such a list', () => {
    const config = { ...tiny('qwen2'), layer_types: ['full_attention', 'full_attention'] }
    expect(() => applyConfigOverrides(config, ['num_hidden_layers=3'])).toThrow(
      '"set" must be at most 2 for "num_hidden_layers", as many as "layer_types" has; received 3',
    )
  })

  it('do not modify their input', () => {
    const before = JSON.stringify(TINY_CONFIG)
    applyConfigOverrides(TINY_CONFIG, ['n_layer=1'])
    expect(JSON.stringify(TINY_CONFIG)).toBe(before)
  })

  it.each([
    ['n_layer', '"set" must be key=value, such as num_hidden_layers=2; received "n_layer"'],
    ['=2', '"set" must be key=value, such as num_hidden_layers=2; received "=2"'],
    [
      'n_layers=2',
      '"set" must name a field of the config; received "n_layers" (fields: add_cross_attention, architectures, ',
    ],
    ['__proto__=2', '"set" must name a field of the config; received "__proto__" (fields: '],
    ['constructor=2', '"set" must name a field of the config; received "constructor" (fields: '],
    ['n_layer=two', '"set" must be a number for "n_layer", which is 2; received "two"'],
    ['n_layer="2"', '"set" must be a number for "n_layer", which is 2; received "2"'],
    ['n_layer=true', '"set" must be a number for "n_layer", which is 2; received true'],
    [
      'architectures=x',
      '"set" must name a string, a number or a boolean; received "architectures", which is ["GPT2LMHeadModel"]',
    ],
    ['n_layer=-1', 'config.json: "n_layer" must be an integer from 1 to 10000; received -1'],
    ['n_layer=null', 'config.json: "n_layer" must be an integer from 1 to 10000; received null'],
    ['model_type=null', 'config.json: "model_type" must be a string; received null'],
    ['tie_word_embeddings=2', 'config.json: "tie_word_embeddings" must be true or false; received 2'],
  ])('reject %s', (setting, sentence) => {
    expect(() => planModel(TINY_CONFIG, { set: [setting] })).toThrow(
      expect.objectContaining({ name: 'InputError', message: expect.stringContaining(sentence) }),
    )
  })

  it('give a plan or a descriptive error, for any values', () => {
    const keys = fc.constantFrom(
      'n_layer',
      'n_embd',
      'vocab_size',
      'dtype',
      'initializer_range',
      'n_inner',
      'x',
    )
    const values = fc.oneof(fc.integer({ min: -3, max: 40 }).map(String), fc.string(), fc.constant('null'))
    fc.assert(
      fc.property(keys, values, (key, value) => {
        try {
          planModel(TINY_CONFIG, { set: [`${key}=${value}`] })
        } catch (error) {
          expect((error as Error).name).toBe('InputError')
        }
      }),
    )
  })
})

describe('presets', () => {
  it.each([
    ['gpt3-125m', 125e6],
    ['gpt3-350m', 356e6],
    ['gpt3-760m', 760e6],
    ['gpt3-1.3b', 1.3e9],
    ['gpt3-2.7b', 2.7e9],
    ['gpt3-6.7b', 6.7e9],
    ['gpt3-13b', 12.9e9],
    ['gpt3-175b', 174.6e9],
  ])('%s has about the %d parameters of the paper', (preset, parameters) => {
    expect(Math.abs(planModel(PRESETS[preset].config).parameters / parameters - 1)).toBeLessThan(0.02)
  })
})

describe('a malicious config of any family gives a plan or a descriptive error', () => {
  const odd = fc.constantFrom<unknown>(
    -1,
    0,
    1.5,
    1e308,
    NaN,
    2 ** 31,
    2 ** 53,
    'x',
    '',
    true,
    [],
    {},
    [1, 2],
    null,
  )
  it.each(FAMILIES.map(({ type }) => [type]))('%s', (type) => {
    const config = tiny(type)
    const fields = planFields(config)
    fc.assert(
      fc.property(fc.constantFrom(...fields), odd, (field, value) => {
        try {
          planModel({ ...config, [field]: value })
        } catch (error) {
          expect((error as Error).name, `${field} = ${String(value)}: ${(error as Error).stack}`).toBe(
            'InputError',
          )
          expect((error as Error).message).not.toContain('\n')
        }
      }),
      { numRuns: byTier(15, 150) },
    )
  })
})

/** The fields of a config that its family reads or has. */
function planFields(config: object): string[] {
  try {
    applyConfigOverrides(config, ['no such field=1'])
  } catch (error) {
    return (error as Error).message.split('(fields: ')[1].slice(0, -1).split(', ')
  }
  return []
}
