/** Configs are written as transformers 5.18 loads them, or refused. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FAMILIES, parseConfig, planModel } from '../../src/models/index.ts'
import { FIELD_ALIASES, FIELD_TYPES } from '../../src/models/config-fields.ts'
import { pickByTier } from '../support/tier.ts'

const LLAMA = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 40,
}
const T5 = { model_type: 't5', d_model: 16, d_kv: 8, d_ff: 32, num_layers: 2, num_heads: 2, vocab_size: 40 }
const VIT = {
  model_type: 'vit',
  architectures: ['ViTForImageClassification'],
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  image_size: 16,
  patch_size: 8,
}

/** The tiny config of a family's fixture. */
function tinyConfig(type: string): object {
  const { models } = JSON.parse(readFileSync(`test/fixtures/models/${type}.json`, 'utf8'))
  return models[0].config
}

/** The text of a config with one field written as `text`. */
const withField = (config: object, field: string, text: string) =>
  `${JSON.stringify({ ...config, [field]: 0 }).replace(`"${field}":0`, `"${field}": ${text}`)}`

/** How the plan's config.json writes a field, on one line. */
function writtenField(config: string, field: string, set: readonly string[] = []): string | undefined {
  const { configText } = planModel(parseConfig(config), { set })
  const oneLine = configText.replaceAll(/\n\s*/g, '')
  return new RegExp(`"${field}": (\\[.*?\\]|[^,}]*)`).exec(oneLine)?.[1]
}

it('the table of types has every family, and no others', () => {
  const types = FAMILIES.map(({ type }) => type)
  expect(Object.keys(FIELD_TYPES).toSorted()).toEqual(types.toSorted())
  for (const [type, aliases] of Object.entries(FIELD_ALIASES)) {
    expect(types).toContain(type)
    expect(Object.keys(aliases).length).toBeGreaterThan(0)
  }
})

describe('numbers are written as the kind that transformers demands', () => {
  it.each([
    [LLAMA, 'hidden_size', '16.0', '16'],
    [LLAMA, 'hidden_size', '1.6e1', '16'],
    [LLAMA, 'rms_norm_eps', '1', '1.0'],
    [LLAMA, 'rms_norm_eps', '1e-06', '1e-06'],
    [LLAMA, 'rms_norm_eps', '-0', '-0.0'],
    [LLAMA, 'attention_dropout', '0', '0'],
    [LLAMA, 'attention_dropout', '0.0', '0.0'],
    [LLAMA, 'eos_token_id', '[2.0, 3]', '[2,3]'],
    [LLAMA, 'num_labels', '3.0', '3'],
    [LLAMA, 'some_other_field', '3.0', '3.0'],
    [T5, 'initializer_factor', '1', '1.0'],
    [T5, 'head_dim', '8.0', '8'],
    [{ model_type: 'mamba', num_hidden_layers: 1 }, 'intermediate_size', '1536.0', '1536'],
    [VIT, 'image_size', '[16.0, 16]', '[16,16]'],
  ])('%#: %s', (config, field, text, written) => {
    expect(writtenField(withField(config, field, text), field)).toBe(written)
  })

  it('by --set too', () => {
    expect(
      writtenField(JSON.stringify({ ...LLAMA, rms_norm_eps: 0 }), 'rms_norm_eps', ['rms_norm_eps=1']),
    ).toBe('1.0')
    expect(writtenField(JSON.stringify(LLAMA), 'hidden_size', ['hidden_size=32.0'])).toBe('32')
  })
})

const { values, accepted } = JSON.parse(readFileSync('test/fixtures/config-types.json', 'utf8')) as {
  values: string[]
  accepted: Record<string, Record<string, string[]>>
}

describe('a config class of transformers accepts each value that a plan writes', () => {
  it.each(pickByTier(5, Object.entries(accepted)))('%s', (type, fields) => {
    const config = tinyConfig(type)
    for (const [field, allowed] of Object.entries(fields))
      for (const value of values) {
        let written: string | undefined
        try {
          written = writtenField(withField(config, field, value), field)
        } catch (error) {
          expect(error).toMatchObject({ name: 'InputError' })
          continue
        }
        expect(allowed, `${field} = ${value}`).toContain(written)
      }
  })
})

const ACTIVATIONS =
  'one of gelu, gelu_10, gelu_fast, gelu_new, gelu_python, gelu_pytorch_tanh, gelu_python_tanh, gelu_accurate, hardswish, laplace, leaky_relu, linear, mish, quick_gelu, relu, relu2, relu6, sigmoid, silu, sqrtsoftplus, swish, tanh'

describe('what transformers refuses is refused', () => {
  const MISTRAL = { ...LLAMA, model_type: 'mistral', architectures: ['MistralForCausalLM'] }
  it.each([
    [MISTRAL, 'num_key_value_heads', 'null', '"num_key_value_heads" must be an integer; received null'],
    [LLAMA, 'rms_norm_eps', '"1e-6"', '"rms_norm_eps" must be a number; received "1e-6"'],
    [LLAMA, 'rms_norm_eps', 'null', '"rms_norm_eps" must be a number; received null'],
    [LLAMA, 'use_cache', '"true"', '"use_cache" must be true or false; received "true"'],
    [LLAMA, 'use_cache', '1', '"use_cache" must be true or false; received 1'],
    [LLAMA, 'max_position_embeddings', '2.5', '"max_position_embeddings" must be an integer; received 2.5'],
    [LLAMA, 'max_position_embeddings', 'true', '"max_position_embeddings" must be an integer; received true'],
    [LLAMA, 'max_position_embeddings', 'NaN', '"max_position_embeddings" must be an integer; received NaN'],
    [LLAMA, 'initializer_range', '1.5', '"initializer_range" must be a number from 0 to 1; received 1.5'],
    [
      LLAMA,
      'initializer_range',
      'Infinity',
      '"initializer_range" must be a finite number >= 0; received Infinity',
    ],
    [
      LLAMA,
      'hidden_act',
      '"sliu"',
      `"hidden_act" must be ${ACTIVATIONS}; received "sliu" (did you mean "silu"?)`,
    ],
    [
      LLAMA,
      'eos_token_id',
      '[2.5]',
      '"eos_token_id" must be an integer or a list of integers or null; received [2.5]',
    ],
    [
      LLAMA,
      'hidden_size',
      '18',
      '"hidden_size" must be a multiple of "num_attention_heads" (4); received 18',
    ],
    [
      { ...LLAMA, head_dim: 4 },
      'hidden_size',
      '18',
      '"hidden_size" must be a multiple of "num_attention_heads" (4); received 18',
    ],
    [LLAMA, 'head_dim', '7', '"head_dim" must be even or at most 4; received 7'],
    [MISTRAL, 'hidden_size', '28', '"head_dim" must be even or at most 4; received 7'],
    [LLAMA, 'attention_dropout', '2', '"attention_dropout" must be a number from 0 to 1 or null; received 2'],
    [LLAMA, 'per_layer_config', '{}', '"per_layer_config" must be null; received an object'],
    [LLAMA, 'rope_theta', '"x"', '"rope_theta" must be a number; received "x"'],
    [
      T5,
      'feed_forward_proj',
      '"gated-x"',
      /"feed_forward_proj" must be one of gelu, gated-gelu, .*; received "gated-x"$/,
    ],
    [
      LLAMA,
      'mlp_layer_types',
      '["dense", "x"]',
      '"mlp_layer_types" must be a list of sparse, dense; received ["dense", "x"]',
    ],
    [
      { model_type: 'deepseek_v3' },
      'qk_rope_head_dim',
      '7',
      '"qk_rope_head_dim" must be even or at most 4; received 7',
    ],
    [{ model_type: 'bert' }, 'head_dim', '-1', '"head_dim" must be an integer >= 1 or null; received -1'],
    [
      { model_type: 'gemma2' },
      'query_pre_attn_scalar',
      '0',
      '"query_pre_attn_scalar" must be an integer >= 1; received 0',
    ],
    [
      { ...LLAMA, model_type: 'mixtral', architectures: null },
      'rope_scaling',
      '{"type": "yarn", "factor": 2.0}',
      '"head_dim" must be an integer if "rope_scaling.rope_type" is yarn; received nothing',
    ],
    [
      { model_type: 'bert' },
      'rope_scaling',
      '{"type": "yarn", "factor": 2.0}',
      '"rope_scaling.original_max_position_embeddings" must be set for yarn; received nothing',
    ],
    [
      LLAMA,
      '_attn_implementation',
      '"spda"',
      '"_attn_implementation" must be eager, sdpa, flex_attention, flash_attention_2 or a kernel of the Hub or an object or null; received "spda"',
    ],
    [{ model_type: 'mamba' }, 'layer_types', '[]', /"layer_types" must be absent; received/],
    [LLAMA, 'num_labels', 'null', '"num_labels" must be an integer; received null'],
    [LLAMA, 'num_labels', '-1', '"num_labels" must be an integer >= 0; received -1'],
    [LLAMA, 'id2label', '{"a": "b"}', '"id2label" must be an object whose keys are integers; received "a"'],
    [LLAMA, 'id2label', '["a"]', '"id2label" must be an object; received ["a"]'],
    [
      LLAMA,
      'layer_types',
      '["full_attention"]',
      '"layer_types" must be a list with one entry for each of the 2 layers; received ["full_attention"]',
    ],
    [
      LLAMA,
      'rope_scaling',
      '{"type": "linear"}',
      '"rope_scaling.factor" must be set for linear; received nothing',
    ],
    [LLAMA, 'rope_parameters', '[]', '"rope_parameters" must be an object or null; received []'],
  ])('%#: %s', (config, field, text, sentence) => {
    expect(() => planModel(parseConfig(withField(config, field, text)))).toThrow(
      expect.objectContaining({
        name: 'InputError',
        message: typeof sentence === 'string' ? `config.json: ${sentence}` : expect.stringMatching(sentence),
      }),
    )
  })

  it('by --set too', () => {
    const set = (setting: string) => () =>
      planModel({ ...LLAMA, use_cache: true, hidden_act: 'silu', num_labels: 2 }, { set: [setting] })
    expect(set('use_cache=1')).toThrow('"set" must be a boolean for "use_cache", which is true; received 1')
    expect(set('hidden_act=sliu')).toThrow('did you mean "silu"?')
    expect(set('num_labels=-1')).toThrow('"num_labels" must be an integer >= 0; received -1')
    const three = { ...LLAMA, layer_types: Array(3).fill('full_attention') }
    expect(() => planModel(three, { set: ['hidden_size=32'] })).toThrow(
      '"layer_types" must be a list with one',
    )
    expect(planModel(three, { set: ['num_hidden_layers=1'] }).config.layer_types).toHaveLength(1)
  })
})

describe('model and class', () => {
  it.each([
    ['LlamaForCausalLM', 'llama', 'LlamaForCausalLM'],
    ['LLaMAForCausalLM', 'llama', 'LlamaForCausalLM'],
    ['FSDPLlamaForCausalLM', 'llama', 'LlamaForCausalLM'],
    ['T5ForConditionalGeneration', 'mt5', 'MT5ForConditionalGeneration'],
    ['MegatronForCausalLM', 'gpt2', 'GPT2LMHeadModel'],
    ['RobertaForMaskedLM', 'bert', 'BertForMaskedLM'],
    ['DeiTModel', 'vit', 'ViTModel'],
  ])('%s of %s is %s, as the Auto classes make it', (name, model_type, architecture) => {
    for (const architectures of [[name], name]) {
      const plan = planModel({ model_type, architectures, num_hidden_layers: 1 })
      expect(plan.architecture).toBe(architecture)
      expect(plan.config.architectures).toEqual([architecture])
      expect(plan.architectureInferred).toBe(false)
    }
  })

  it.each([
    ['LlamaForSequenceClassification', 'llama'],
    ['LlamaModel', 'llama'],
    ['BertLMHeadModel', 'bert'],
    ['Llama', 'llama'],
  ])('%s of %s is refused: its tensors would be others', (name, model_type) => {
    expect(() => planModel({ model_type, architectures: [name] })).toThrow(
      `; received ${JSON.stringify(name)}`,
    )
  })

  it('an empty list of classes is like none, and the class is named', () => {
    const plan = planModel({ ...LLAMA, architectures: [] })
    expect(plan).toMatchObject({
      architectureInferred: true,
      config: { architectures: ['LlamaForCausalLM'] },
    })
    const { architectures: _, ...unnamed } = LLAMA
    expect(planModel(unnamed).config).not.toHaveProperty('architectures')
  })

  it('a missing model_type is written', () => {
    const { model_type: _, ...unnamed } = LLAMA
    expect(planModel(unnamed).config.model_type).toBe('llama')
  })
})

describe('labels', () => {
  const labels = { id2label: { 0: 'a', 1: 'b' }, label2id: { a: 0, b: 1 } }
  const countLabels = (config: object, set: string[] = []) =>
    planModel(config, { set })
      .files.flatMap(({ tensors }) => tensors)
      .find(({ name }) => name === 'classifier.weight')?.shape[0]

  it('num_labels takes precedence over id2label, in a config and by --set', () => {
    expect(countLabels({ ...VIT, ...labels })).toBe(2)
    expect(countLabels({ ...VIT, ...labels, num_labels: 3 })).toBe(3)
    expect(countLabels({ ...VIT, ...labels }, ['num_labels=7'])).toBe(7)
  })
})
