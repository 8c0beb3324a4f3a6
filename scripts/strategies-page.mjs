/**
 * Makes docs/strategies.md: every strategy with its formula, and every initialiser of the field with what it is here.
 *
 *   node scripts/strategies-page.mjs          after `npm run build`; a test says when the page is out of date
 */

import { writeFileSync } from 'node:fs'
import { STRATEGY_TABLE } from '../dist/cli/strategy-table.js'
import { FRAMEWORKS } from './frameworks.mjs'

export function page() {
  const sections = Object.entries(FRAMEWORKS).map(
    ([framework, rows]) =>
      `### ${framework}\n\n| theirs | here |\n| --- | --- |\n${rows.map(([theirs, here]) => `| \`${theirs}\` | ${here} |`).join('\n')}\n`,
  )
  return `# Strategies

Made by \`node scripts/strategies-page.mjs\`. The order of operations of each formula is in [the stream's definition](stream.md).

| strategy | values |
| --- | --- |
${STRATEGY_TABLE.map(({ name, values }) => `| \`${name}\` | ${values} |`).join('\n')}

Transformers: \`smallInitNormal({ width })\` is N(0, 2 / (5 · width)), \`wangNormal({ width, layers })\` N(0, (2 / (layers · √width))²), \`depthNormal({ std, layer })\` N(0, std² / (2 · (layer + 1))), \`muNormal({ std, width, baseWidth })\` N(0, std² · baseWidth / width). \`deepNormGain\`, \`subLayerNormGain\` and \`tFixupGain\` give numbers for the \`gain\` of another strategy, as \`gain\` does by nonlinearity. T5's are \`lecunNormal({ gain: factor })\`, its queries' with a gain of factor / √d_kv, its embeddings \`normal({ std: factor })\`. Queries, keys and values that are stored as one matrix have the fans of one: say \`fanIn\` and \`fanOut\`.

## What people know them as

\`simdinit/torch\`, \`simdinit/keras\`, \`simdinit/jax\` and \`simdinit/tfjs\` export the names, defaults and conventions of those frameworks; each gives a strategy as below. The same word does not mean the same everywhere:

- A scaled "normal" (Glorot, He, LeCun) is a normal in PyTorch. In Keras, JAX and Flax it is cut at two standard deviations and widened, so that the standard deviation holds: \`…TruncatedNormal\` here. In TensorFlow.js it is cut and not widened.
- The bounds of a truncated normal are absolute in PyTorch and timm (\`low\`, \`high\`), and multiples of the standard deviation in Keras, JAX and TensorFlow.js (\`sigmas\`).
- Fans are read from \`[out, in, ...kernel]\` in PyTorch and MXNet (\`layout: 'oi'\`) and from \`[...kernel, in, out]\` in Keras, JAX and TensorFlow.js (\`'io'\`). For other tensors say the axes (\`inAxes\`, \`outAxes\`, \`batchAxes\`) or the fans (\`fanIn\`, \`fanOut\`).
- Vectors have no fans in PyTorch and JAX, their size twice in Keras (\`vectorFans: 'size'\`), its root twice in TensorFlow.js (\`'root'\`).

${sections.join('\n')}`
}

if (process.argv[1] === import.meta.filename) writeFileSync('docs/strategies.md', page())
