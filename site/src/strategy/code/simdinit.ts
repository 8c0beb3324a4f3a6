/** The code of a tensor in this library. Options that say no more than the default are left out. */

import { aStrategy } from 'simdinit'
import type { Asked, Option } from '../ask.ts'
import { quoted, same } from './words.ts'

/** Characters of a line, of more of which it is broken. */
const WIDE = 100

export function simdinitCode(asked: Asked): string {
  const { type, rows, layout, dtype, seed, name, shape } = asked
  const said = Object.entries(sparing(asked)).map(([key, value]) => `${key}: ${literal(value)}`)
  const inner = `${type}(${said.length > 0 ? `{ ${said.join(', ')} }` : ''})`
  const [names, call] =
    rows.length > 0
      ? [`${type}, zeroRows`, `zeroRows({ rows: ${literal(rows)}, strategy: ${inner} })`]
      : [type, inner]
  const options = [
    `seed: ${typeof seed === 'string' ? quoted(seed) : String(seed)}`,
    `name: ${quoted(name)}`,
    ...(dtype === 'f32' ? [] : [`dtype: ${quoted(dtype)}`]),
    ...(layout === 'oi' ? [] : [`layout: ${quoted(layout)}`]),
  ]
  const first = (strategy: string) =>
    `const { data } = await engine.tensor([${shape.join(', ')}], ${strategy}, {`
  const wide = first(call).length > WIDE
  return `import { createEngine, ${names} } from 'simdinit'

const engine = await createEngine()
${wide ? `const strategy = ${call}\n` : ''}${first(wide ? 'strategy' : call)}
  ${options.join(',\n  ')},
})
await engine.close()
`
}

function literal(value: Option): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  return typeof value === 'string' ? quoted(value) : String(value)
}

/** The options without which the strategy would be another. */
function sparing({ type, options, strategy }: Asked): Record<string, Option> {
  const kept: Record<string, Option> = { ...options }
  for (const key of Object.keys(options)) {
    const { [key]: _, ...rest } = kept
    try {
      if (same(aStrategy({ type, ...rest }), strategy)) delete kept[key]
    } catch {
      // it must be said
    }
  }
  return kept
}
