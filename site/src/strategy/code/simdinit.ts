/** The code of a tensor in this library. Options that say no more than the default are left out. */

import { aStrategy } from 'simdinit'
import type { Asked } from '../ask.ts'
import { quoted } from './words.ts'

export function simdinitCode(asked: Asked): string {
  const { type, layout, dtype, seed, name, shape } = asked
  const said = Object.entries(sparing(asked)).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? quoted(value) : String(value)}`,
  )
  const call = `${type}(${said.length > 0 ? `{ ${said.join(', ')} }` : ''})`
  const options = [
    `seed: ${typeof seed === 'string' ? quoted(seed) : String(seed)}`,
    `name: ${quoted(name)}`,
    ...(dtype === 'f32' ? [] : [`dtype: ${quoted(dtype)}`]),
    ...(layout === 'oi' ? [] : [`layout: ${quoted(layout)}`]),
  ]
  return `import { createEngine, ${type} } from 'simdinit'

const engine = await createEngine()
const { data } = await engine.tensor([${shape.join(', ')}], ${call}, {
  ${options.join(',\n  ')},
})
await engine.close()
`
}

/** The options without which the strategy would be another. */
function sparing({ type, options, strategy }: Asked): Record<string, number | string> {
  const kept: Record<string, number | string> = { ...options }
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

function same(a: object, b: object): boolean {
  return JSON.stringify(Object.entries(a).toSorted()) === JSON.stringify(Object.entries(b).toSorted())
}
