/**
 * Runs the golden set in a page, an iframe or a worker, and posts the results and the capabilities of the context to
 * the server. The address gives the file for the engine's workers, if they are not from a blob, and the id to post as.
 */

import * as simdinit from 'simdinit'
import { golden } from '../../runtimes/golden.mjs'

const asked = new URLSearchParams(location.search)
const tell = (found) =>
  fetch(`/results?id=${asked.get('id')}`, { method: 'POST', body: JSON.stringify(found) })

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
