/**
 * The golden set in a page, an iframe or a worker, and what is told to the server: the results, and what this place
 * can do. The address says where the engine takes its workers from, if not from a blob, and by which id to tell it.
 */

import * as simdinit from 'simdinit'
import { golden } from '../../runtimes/golden.mjs'

const asked = new URLSearchParams(location.search)
const tell = (found) => fetch(`/told?id=${asked.get('id')}`, { method: 'POST', body: JSON.stringify(found) })

try {
  const file = asked.get('worker')
  const worker = () => new Worker(new URL(file, location.href), { type: 'module' })
  const page = await (await fetch('/stream.md')).text()
  const found = await golden(simdinit, page, file ? { worker } : {})
  const { crossOriginIsolated: isolated } = globalThis
  const inside = typeof document === 'undefined' ? 'worker' : parent === globalThis ? 'page' : 'iframe'
  await tell({ ...found, inside, isolated, shares: typeof SharedArrayBuffer !== 'undefined' })
} catch (error) {
  await tell({ error: `${error}\n${error.stack}` })
}
