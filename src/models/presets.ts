/** Configs that are known by name: those of the published GPT-2 models, as on the Hugging Face hub. */

export const PRESETS: Readonly<Record<string, { readonly config: object; readonly source: string }>> = {
  gpt2: { config: gpt2Config(768, 12, 12), source: 'openai-community/gpt2' },
  'gpt2-medium': { config: gpt2Config(1024, 16, 24), source: 'openai-community/gpt2-medium' },
  'gpt2-large': { config: gpt2Config(1280, 20, 36), source: 'openai-community/gpt2-large' },
  'gpt2-xl': { config: gpt2Config(1600, 25, 48), source: 'openai-community/gpt2-xl' },
}

function gpt2Config(n_embd: number, n_head: number, n_layer: number) {
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
