/** Generates the code for a tensor in this library. Options that equal their default are left out. */

import { parseStrategy } from 'simdinit'
import type { TensorRequest, OptionValue } from '../form-state.ts'
import { quote, isEqual } from './common.ts'

/** Longer lines are broken. */
const MAX_LINE_LENGTH = 100

export function generateSimdinitCode(request: TensorRequest): string {
  const { type, rows, layout, dtype, seed, name, shape } = request
  const fields = Object.entries(omitDefaults(request)).map(
    ([key, value]) => `${key}: ${formatLiteral(value)}`,
  )
  const inner = `${type}(${fields.length > 0 ? `{ ${fields.join(', ')} }` : ''})`
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
  const firstLine = (strategy: string) =>
    `const { data } = await engine.tensor([${shape.join(', ')}], ${strategy}, {`
  const isLong = firstLine(call).length > MAX_LINE_LENGTH
  return `import { createEngine, ${names} } from 'simdinit'

const engine = await createEngine()
${isLong ? `const strategy = ${call}\n` : ''}${firstLine(isLong ? 'strategy' : call)}
  ${options.join(',\n  ')},
})
await engine.close()
`
}

function formatLiteral(value: OptionValue): string {
  if (Array.isArray(value)) return `[${value.map(formatLiteral).join(', ')}]`
  return typeof value === 'string' ? quote(value) : String(value)
}

/** The options that change the strategy. */
function omitDefaults({ type, options, strategy }: TensorRequest): Record<string, OptionValue> {
  const kept: Record<string, OptionValue> = { ...options }
  for (const key of Object.keys(options)) {
    const { [key]: _, ...rest } = kept
    try {
      if (isEqual(parseStrategy({ type, ...rest }), strategy)) delete kept[key]
    } catch {
      // the option is required
    }
  }
  return kept
}
