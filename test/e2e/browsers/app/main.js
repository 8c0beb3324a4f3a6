/**
 * Runs the golden set in an app and posts the results to the server of its page. With `worker=own` in the address,
 * workers come from a file that the bundler makes, for pages whose policy forbids blobs.
 */

import * as simdinit from 'simdinit'
import { golden } from './golden.mjs'

const asked = new URLSearchParams(location.search)
const tell = (found) =>
  fetch(`/results?id=${asked.get('id')}`, { method: 'POST', body: JSON.stringify(found) })

const worker = () => new Worker(new URL('simdinit/worker', import.meta.url), { type: 'module' })

try {
  const page = await (await fetch('/stream.md')).text()
  const found = await golden(simdinit, page, asked.get('worker') === 'own' ? { worker } : {})
  const { crossOriginIsolated: isolated } = globalThis
  await tell({ ...found, inside: 'page', isolated, shares: typeof SharedArrayBuffer !== 'undefined' })
} catch (error) {
  await tell({ error: `${error}\n${error.stack}` })
}
