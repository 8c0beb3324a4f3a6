/**
 * BERT (Devlin et al., 2018), with the names, shapes and defaults of transformers' `BertForPreTraining`,
 * `BertForMaskedLM`, `BertModel` and `BertConfig`. The decoder of the head is tied to the embedding by default, and then not stored.
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
    const hiddenSize = config.dimension(['hidden_size'], 768)
    const vocabSize = config.dimension(['vocab_size'], 30522)
    const intermediateSize = config.dimension(['intermediate_size'], 3072)
    const layers = config.dimension(['num_hidden_layers'], 12, MAX_LAYERS)
    checkHeadDivisibility(hiddenSize, config.dimension(['num_attention_heads'], 12))
    if (config.flag('add_cross_attention', false)) {
      throw new InputError('config.json: "add_cross_attention" must be false; received true')
    }
    const bias = true
    const model = new Model({ hiddenSize, layers, std: config.initializerRange() })
    const body = model.scope(architecture === 'BertModel' ? '' : 'bert')
    const embeddings = body.scope('embeddings')
    const padding = config.paddingIndex(vocabSize, 0)
    embeddings.embedding('word_embeddings', 'tokens', vocabSize, hiddenSize, { paddingIndex: padding })
    const positions = config.dimension(['max_position_embeddings'], 512)
    embeddings.embedding('position_embeddings', 'positions', positions, hiddenSize)
    embeddings.embedding(
      'token_type_embeddings',
      'segments',
      config.dimension(['type_vocab_size'], 2),
      hiddenSize,
    )
    embeddings.norm('LayerNorm', hiddenSize, { bias })
    for (const block of body.eachLayer('encoder.layer', layers)) {
      block.linear('attention.self.query', 'query', hiddenSize, hiddenSize, { bias })
      block.linear('attention.self.key', 'key', hiddenSize, hiddenSize, { bias })
      block.linear('attention.self.value', 'value', hiddenSize, hiddenSize, { bias })
      block.linear('attention.output.dense', 'attentionOut', hiddenSize, hiddenSize, { bias })
      block.norm('attention.output.LayerNorm', hiddenSize, { bias })
      block.linear('intermediate.dense', 'mlpIn', hiddenSize, intermediateSize, { bias })
      block.linear('output.dense', 'mlpOut', intermediateSize, hiddenSize, { bias })
      block.norm('output.LayerNorm', hiddenSize, { bias })
    }
    if (architecture !== 'BertForMaskedLM')
      body.linear('pooler.dense', 'dense', hiddenSize, hiddenSize, { bias })
    if (architecture === 'BertModel') return model
    const head = model.scope('cls')
    head.tensor('predictions.bias', 'bias', [vocabSize], zeros())
    head.linear('predictions.transform.dense', 'dense', hiddenSize, hiddenSize, { bias })
    head.norm('predictions.transform.LayerNorm', hiddenSize, { bias })
    const tied = config.flag('tie_word_embeddings', true)
    if (!tied) head.linear('predictions.decoder', 'head', hiddenSize, vocabSize, { bias })
    if (architecture === 'BertForPreTraining')
      head.linear('seq_relationship', 'dense', hiddenSize, 2, { bias })
    return model
  },
}
