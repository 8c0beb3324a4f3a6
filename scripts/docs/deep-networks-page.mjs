/**
 * Makes docs/guides/deep-networks.md and its picture: how activations and gradients change through 50 layers, by strategy.
 *
 *   node scripts/docs/deep-networks-page.mjs       after `npm run build`; a test fails when they are out of date
 */

import { writeFileSync } from 'node:fs'
import { heNormal, normal, orthogonal, simulateNetwork, xavierNormal } from '../../dist/index.js'

const DEPTH = 50
const STRATEGIES = [
  ['normal, std 0.01', normal({ std: 0.01 }), '#8c959f'],
  ['normal, std 1', normal({ std: 1 }), '#bf8700'],
  ['xavierNormal', xavierNormal(), '#2f81f7'],
  ['heNormal', heNormal(), '#cf222e'],
  ['orthogonal', orthogonal(), '#1a7f37'],
]
const ACTIVATIONS = ['tanh', 'relu']
const TABLE_LAYERS = [1, 10, 25, 50]

/** The texts of the page and of the chart, by file name. */
export async function generateFiles() {
  const runs = {}
  for (const activation of ACTIVATIONS) {
    for (const [label, strategy] of STRATEGIES) {
      runs[`${activation} ${label}`] = await simulateNetwork(strategy, { depth: DEPTH, activation })
    }
  }
  const tables = ACTIVATIONS.map((activation) => {
    const rows = STRATEGIES.map(([label]) => {
      const layers = runs[`${activation} ${label}`]
      const cells = ['activation', 'gradient'].flatMap((kind) =>
        TABLE_LAYERS.map((k) => formatVariance(layers[k - 1][kind])),
      )
      return `| ${[label, ...cells].join(' | ')} |`
    })
    const heads = ['activations', 'gradients'].flatMap((kind) =>
      TABLE_LAYERS.map((k) => `${kind}, layer ${k}`),
    )
    return `### ${activation}\n\n| strategy | ${heads.join(' | ')} |\n| --- |${' ---: |'.repeat(heads.length)}\n${rows.join('\n')}`
  })
  const page = `# Deep networks before training

Made by \`node scripts/docs/deep-networks-page.mjs\`: ${DEPTH} layers of width 256 without biases. The input, and the gradient at the output, are standard normal. The figures are variances over all units and samples.

![Variance by layer](deep-networks.svg)

If the standard deviation is too small, activations and gradients vanish. If it is too large, they explode, or tanh saturates while the gradient explodes. Xavier preserves the gradient through tanh. He preserves both through ReLU, where Xavier loses half of the variance in each layer.

${tables.join('\n\n')}

## Simulate your own network

\`\`\`js
import { heNormal, simulateNetwork } from 'simdinit'

const layers = await simulateNetwork(heNormal(), { depth: 50, width: 256, activation: 'relu' })
console.log(layers[49].activation.variance, layers[0].gradient.variance)
\`\`\`

\`activation\` is \`'linear'\`, \`'relu'\`, \`'leakyRelu'\`, \`'tanh'\`, \`'sigmoid'\`, \`'gelu'\`, \`'silu'\` or \`'selu'\`. The figures depend only on the strategy, these numbers and \`seed\`.
`
  return { 'docs/guides/deep-networks.md': page, 'docs/guides/deep-networks.svg': drawChart(runs) }
}

function formatVariance({ variance }) {
  if (!Number.isFinite(variance)) return 'overflow'
  return variance === 0
    ? '0'
    : variance >= 0.01 && variance < 100
      ? variance.toPrecision(2)
      : variance.toExponential(0)
}

const [WIDTH, HEIGHT, LEFT, TOP] = [370, 170, 50, 84]
const MAX_DECADE = 12 // the plots show 10^-MAX_DECADE to 10^MAX_DECADE

/** Draws variances by layer on a logarithmic scale, readable on light and dark pages. */
function drawChart(runs) {
  const panels = ACTIVATIONS.flatMap((activation, row) =>
    ['activation', 'gradient'].map((kind, column) => {
      const [x, y] = [LEFT + column * (WIDTH + 50), TOP + row * (HEIGHT + 60)]
      const curves = STRATEGIES.map(([label, , color]) => {
        const points = runs[`${activation} ${label}`].map((layer, k) => {
          const { variance } = layer[kind]
          const power = Number.isNaN(variance) ? MAX_DECADE : Math.log10(variance)
          const up = (Math.min(MAX_DECADE, Math.max(-MAX_DECADE, power)) + MAX_DECADE) / (2 * MAX_DECADE)
          return `${(x + (k / (DEPTH - 1)) * WIDTH).toFixed(1)},${(y + HEIGHT - up * HEIGHT).toFixed(1)}`
        })
        return `<polyline fill="none" stroke="${color}" stroke-width="2" points="${points.join(' ')}"/>`
      })
      const marks = [-MAX_DECADE, 0, MAX_DECADE].map((power) => {
        const at = y + HEIGHT / 2 - (power / MAX_DECADE) * (HEIGHT / 2)
        return `<text x="${x - 6}" y="${at + 4}" text-anchor="end" font-size="11">10<tspan dy="-4" font-size="8">${power}</tspan></text><path d="M${x} ${at}h${WIDTH}" stroke="#8c959f" opacity=".4"/>`
      })
      return `<text x="${x}" y="${y - 8}">${activation}: variance of the ${kind}s, layers 1 to ${DEPTH}</text>\n${[...marks, ...curves].join('\n')}`
    }),
  )
  const legend = STRATEGIES.map(
    ([label, , color], i) =>
      `<path d="M${LEFT + i * 160} 46h24" stroke="${color}" stroke-width="3"/><text x="${LEFT + 30 + i * 160}" y="50">${label}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 ${TOP + 2 * (HEIGHT + 60)}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Variance by layer">
<style>text{fill:#1f2328}@media(prefers-color-scheme:dark){text{fill:#e6edf3}}</style>
<text x="8" y="24" font-size="16" font-weight="600">A standard normal through ${DEPTH} layers</text>
${legend.join('\n')}
${panels.join('\n')}
</svg>
`
}

if (process.argv[1] === import.meta.filename) {
  for (const [file, text] of Object.entries(await generateFiles())) writeFileSync(file, text)
}
