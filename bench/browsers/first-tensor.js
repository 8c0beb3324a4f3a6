/** A page with one tensor, that of the README. Reports the milliseconds from navigation to its engine and to its values. */

import { createEngine, heNormal } from 'simdinit'

const began = performance.now()
const engine = await createEngine()
const created = performance.now()
await engine.tensor([784, 256], heNormal({ layout: 'io' }), { seed: 42, name: 'fc1.weight' })
const filled = performance.now()
const [{ responseEnd: answered }] = performance.getEntriesByType('navigation')
globalThis.first = { answered, began, created, filled }
