/**
 * Makes docs/reference/strategies.md: every strategy with its formula, and the equivalents of the initializers of other frameworks.
 *
 *   node scripts/docs/strategies-page.mjs          after `npm run build`; a test fails when the page is out of date
 */

import { writeFileSync } from 'node:fs'
import { STRATEGY_TABLE } from '../../dist/cli/strategy-table.js'
import { FRAMEWORKS } from './strategy-mapping.mjs'

export function generatePage() {
  const sections = Object.entries(FRAMEWORKS).map(
    ([framework, rows]) =>
      `### ${framework}\n\n| framework | simdinit |\n| --- | --- |\n${rows.map(([theirs, here]) => `| \`${theirs}\` | ${here} |`).join('\n')}\n`,
  )
  return `# Strategies

Made by \`node scripts/docs/strategies-page.mjs\`. [The stream's definition](stream.md) gives the order of operations of each formula.

| strategy | values |
| --- | --- |
${STRATEGY_TABLE.map(({ name, values }) => `| \`${name}\` | ${values} |`).join('\n')}

## Transformers

| strategy | values |
| --- | --- |
| \`smallInitNormal({ width })\` | N(0, 2 / (5 · width)) |
| \`wangNormal({ width, layers })\` | N(0, (2 / (layers · √width))²) |
| \`depthScaledNormal({ std, layer })\` | N(0, std² / (2 · (layer + 1))) |
| \`mupNormal({ std, width, baseWidth })\` | N(0, std² · baseWidth / width) |

\`deepNormGain\`, \`subLayerNormGain\` and \`tFixupGain\` return a number for the \`gain\` of another strategy, as \`gain\` does for a nonlinearity. T5 uses \`lecunNormal({ gain: factor })\`, with a gain of factor / √d_kv for queries and \`normal({ std: factor })\` for embeddings. If queries, keys and values are stored as one matrix, each has the fans of its own part: pass \`fanIn\` and \`fanOut\`.

## Equivalents in other frameworks

\`simdinit/torch\`, \`simdinit/keras\`, \`simdinit/jax\` and \`simdinit/tfjs\` export the names, defaults and conventions of those frameworks; each function returns a strategy as listed below. The same word has different meanings:

- A scaled "normal" (Glorot, He, LeCun) is a plain normal in PyTorch. In Keras, JAX and Flax it is truncated at two standard deviations and widened to keep the standard deviation, which is \`…TruncatedNormal\` here. In TensorFlow.js it is truncated but not widened.
- The bounds of a truncated normal are absolute in PyTorch and timm (\`low\`, \`high\`), and multiples of the standard deviation in Keras, JAX and TensorFlow.js (\`sigmas\`).
- Fans are read from \`[out, in, ...kernel]\` in PyTorch and MXNet (\`layout: 'oi'\`) and from \`[...kernel, in, out]\` in Keras, JAX and TensorFlow.js (\`'io'\`). For other tensors, pass the axes (\`inAxes\`, \`outAxes\`, \`batchAxes\`) or the fans (\`fanIn\`, \`fanOut\`).
- Vectors have no fans in PyTorch and JAX. In Keras both fans are the size of the vector (\`vectorFans: 'size'\`), in TensorFlow.js its square root (\`'root'\`).

${sections.join('\n')}`
}

if (process.argv[1] === import.meta.filename) writeFileSync('docs/reference/strategies.md', generatePage())
