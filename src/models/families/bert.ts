/**
 * BERT (Devlin et al., 2018), with the names, shapes and defaults of transformers' `BertForPreTraining`,
 * `BertForMaskedLM`, `BertModel` and `BertConfig`. The decoder of the head is tied to the embedding, and not stored.
 */

import { InputError } from '../../errors/simdinit-error.ts'
import { zeros } from '../../strategies/elementary.ts'
import { type Config } from '../model-config.ts'
import { checkHeadDivisibility } from './decoder.ts'
import { MAX_LAYERS, type Family } from './family.ts'
import { Model } from '../model-builder.ts'

export const bert: Family = {
  type: 'bert',
  architectures: ['BertForPreTraining', 'BertForMaskedLM', 'BertModel'],
  source: 'transformers, modeling_bert.py',
  buildModel(config: Config, architecture: string) {
    const width = config.dimension(['hidden_size'], 768)
    const vocabulary = config.dimension(['vocab_size'], 30522)
    const inner = config.dimension(['intermediate_size'], 3072)
    const layers = config.dimension(['num_hidden_layers'], 12, MAX_LAYERS)
    checkHeadDivisibility(width, config.dimension(['num_attention_heads'], 12))
    if (config.flag('add_cross_attention', false)) {
      throw new InputError('config.json: "add_cross_attention" must be false; received true')
    }
    const bias = true
    const model = new Model({ width, layers, std: config.initializerRange() })
    const body = model.scope(architecture === 'BertModel' ? '' : 'bert')
    const embeddings = body.scope('embeddings')
    const padding = config.paddingIndex(vocabulary, 0)
    embeddings.embedding('word_embeddings', 'tokens', vocabulary, width, { paddingIndex: padding })
    const positions = config.dimension(['max_position_embeddings'], 512)
    embeddings.embedding('position_embeddings', 'positions', positions, width)
    embeddings.embedding('token_type_embeddings', 'segments', config.dimension(['type_vocab_size'], 2), width)
    embeddings.norm('LayerNorm', width, { bias })
    for (const block of body.eachLayer('encoder.layer', layers)) {
      block.linear('attention.self.query', 'query', width, width, { bias })
      block.linear('attention.self.key', 'key', width, width, { bias })
      block.linear('attention.self.value', 'value', width, width, { bias })
      block.linear('attention.output.dense', 'attentionOut', width, width, { bias })
      block.norm('attention.output.LayerNorm', width, { bias })
      block.linear('intermediate.dense', 'mlpIn', width, inner, { bias })
      block.linear('output.dense', 'mlpOut', inner, width, { bias })
      block.norm('output.LayerNorm', width, { bias })
    }
    if (architecture !== 'BertForMaskedLM') body.linear('pooler.dense', 'dense', width, width, { bias })
    if (architecture === 'BertModel') return model
    const head = model.scope('cls')
    head.tensor('predictions.bias', 'bias', [vocabulary], zeros())
    head.linear('predictions.transform.dense', 'dense', width, width, { bias })
    head.norm('predictions.transform.LayerNorm', width, { bias })
    const tied = config.flag('tie_word_embeddings', true)
    if (!tied) head.linear('predictions.decoder', 'head', width, vocabulary, { bias })
    if (architecture === 'BertForPreTraining') head.linear('seq_relationship', 'dense', width, 2, { bias })
    return model
  },
}
