/**
 * Serves a folder on this machine, for `npm run site` and for the tests. By default it sends the headers that a page needs
 * for threads.
 */

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

export const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

/** Serves `folder` below the path `prefix`. Returns the origin and `close`. Port 0 selects a free port. */
export async function serve(folder, { headers = ISOLATED, prefix = '/', port = 0 } = {}) {
  const server = createServer(async (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    try {
      const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname)
      if (!path.startsWith(prefix)) throw new Error('outside')
      const inFolder = normalize(`/${path.slice(prefix.length)}`)
      const file = join(folder, inFolder.endsWith('/') ? `${inFolder}index.html` : inFolder)
      const body = await readFile(file)
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
      response.setHeader('cache-control', 'no-cache')
      response.end(body)
    } catch {
      response.writeHead(404).end('not found')
    }
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://localhost:${server.address().port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
