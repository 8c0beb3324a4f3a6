/** The code of a tensor in this library. Options that say no more than the default are left out. */

import { parseStrategy } from 'simdinit'
import type { TensorRequest, OptionValue } from '../form-state.ts'
import { quote, isEqual } from './common.ts'

/** Characters of a line, of more of which it is broken. */
const MAX_LINE_LENGTH = 100

export function generateSimdinitCode(asked: TensorRequest): string {
  const { type, rows, layout, dtype, seed, name, shape } = asked
  const said = Object.entries(omitDefaults(asked)).map(([key, value]) => `${key}: ${formatLiteral(value)}`)
  const inner = `${type}(${said.length > 0 ? `{ ${said.join(', ')} }` : ''})`
  const [names, call] =
    rows.length > 0
      ? [`${type}, zeroRows`, `zeroRows({ rows: ${formatLiteral(rows)}, strategy: ${inner} })`]
      : [type, inner]
  const options = [
    `seed: ${typeof seed === 'string' ? quote(seed) : String(seed)}`,
    `name: ${quote(name)}`,
    ...(dtype === 'f32' ? [] : [`dtype: ${quote(dtype)}`]),
    ...(layout === 'oi' ? [] : [`layout: ${quote(layout)}`]),
  ]
  const first = (strategy: string) =>
    `const { data } = await engine.tensor([${shape.join(', ')}], ${strategy}, {`
  const wide = first(call).length > MAX_LINE_LENGTH
  return `import { createEngine, ${names} } from 'simdinit'

const engine = await createEngine()
${wide ? `const strategy = ${call}\n` : ''}${first(wide ? 'strategy' : call)}
  ${options.join(',\n  ')},
})
await engine.close()
`
}

function formatLiteral(value: OptionValue): string {
  if (Array.isArray(value)) return `[${value.map(formatLiteral).join(', ')}]`
  return typeof value === 'string' ? quote(value) : String(value)
}

/** The options without which the strategy would be another. */
function omitDefaults({ type, options, strategy }: TensorRequest): Record<string, OptionValue> {
  const kept: Record<string, OptionValue> = { ...options }
  for (const key of Object.keys(options)) {
    const { [key]: _, ...rest } = kept
    try {
      if (isEqual(parseStrategy({ type, ...rest }), strategy)) delete kept[key]
    } catch {
      // it must be said
    }
  }
  return kept
}
