/**
 * Configs by name: the published GPT-2 models, as on the Hugging Face hub, and the sizes of GPT-3 (Brown et al.,
 * "Language models are few-shot learners", 2020, table 2.1) as GPT-2 models, without sparse attention. Two rows of the
 * table have a width that is not a multiple of the heads. They use the customary values: XL has 16 heads instead of 24,
 * and 13B has a width of 5120 instead of 5140.
 */

export const PRESETS: Readonly<Record<string, { readonly config: object; readonly source: string }>> = {
  gpt2: { config: createGpt2Config(768, 12, 12), source: 'openai-community/gpt2' },
  'gpt2-medium': { config: createGpt2Config(1024, 16, 24), source: 'openai-community/gpt2-medium' },
  'gpt2-large': { config: createGpt2Config(1280, 20, 36), source: 'openai-community/gpt2-large' },
  'gpt2-xl': { config: createGpt2Config(1600, 25, 48), source: 'openai-community/gpt2-xl' },
  'gpt3-125m': createGpt3Preset(768, 12, 12),
  'gpt3-350m': createGpt3Preset(1024, 16, 24),
  'gpt3-760m': createGpt3Preset(1536, 16, 24),
  'gpt3-1.3b': createGpt3Preset(2048, 16, 24),
  'gpt3-2.7b': createGpt3Preset(2560, 32, 32),
  'gpt3-6.7b': createGpt3Preset(4096, 32, 32),
  'gpt3-13b': createGpt3Preset(5120, 40, 40),
  'gpt3-175b': createGpt3Preset(12288, 96, 96),
}

function createGpt3Preset(width: number, heads: number, layers: number) {
  const config = { ...createGpt2Config(width, heads, layers), n_ctx: 2048, n_positions: 2048 }
  return { config, source: 'Brown et al. 2020, table 2.1' }
}

function createGpt2Config(n_embd: number, n_head: number, n_layer: number) {
  return {
    activation_function: 'gelu_new',
    architectures: ['GPT2LMHeadModel'],
    attn_pdrop: 0.1,
    bos_token_id: 50256,
    embd_pdrop: 0.1,
    eos_token_id: 50256,
    initializer_range: 0.02,
    layer_norm_epsilon: 1e-5,
    model_type: 'gpt2',
    n_ctx: 1024,
    n_embd,
    n_head,
    n_layer,
    n_positions: 1024,
    resid_pdrop: 0.1,
    summary_activation: null,
    summary_first_dropout: 0.1,
    summary_proj_to_labels: true,
    summary_type: 'cls_index',
    summary_use_proj: true,
    task_specific_params: { 'text-generation': { do_sample: true, max_length: 50 } },
    vocab_size: 50257,
  }
}
