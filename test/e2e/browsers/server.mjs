/**
 * A server of pages under policies: `/POLICY/FILE` is FILE with the headers of POLICY. Pages post their results to
 * `/results?id=ID`, so that a browser only has to open an address.
 */

import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}
const csp = (script, worker) => ({
  ...ISOLATED,
  'content-security-policy': `default-src 'none'; connect-src 'self'; frame-src 'self'; script-src ${script}; worker-src ${worker}`,
})

/** The policies by name. */
export const POLICIES = {
  open: {},
  isolated: ISOLATED,
  strict: csp("'self' 'wasm-unsafe-eval'", "'self'"),
  blobs: csp("'self' 'wasm-unsafe-eval'", "'self' blob:"),
  nowasm: csp("'self'", "'self'"),
}

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.md': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
}

export class Server {
  /**
   * @param folders by the first part of an address after its policy: a folder, or a connect-like handler
   * @param headers in addition to those of the policy
   */
  constructor(folders, headers = {}) {
    this.folders = folders
    this.headers = headers
    this.waiting = new Map()
    this.count = 0
    this.http = createServer((request, response) => this.answer(request, response))
  }

  async listen() {
    this.http.listen(0, '127.0.0.1')
    await once(this.http, 'listening')
    this.origin = `http://127.0.0.1:${this.http.address().port}`
    return this
  }

  close() {
    this.http.closeAllConnections()
    this.http.close()
  }

  /** The results that a page posts when `open` opens its address, to which this adds an `id`. */
  async visit(open, path, seconds) {
    const id = String(this.count++)
    let timer
    const posted = new Promise((resolve, reject) => {
      this.waiting.set(id, resolve)
      timer = setTimeout(() => reject(new Error(`it posted nothing for ${seconds} s`)), seconds * 1000)
    })
    try {
      const [found] = await Promise.all([
        posted,
        open(`${this.origin}${path}${path.includes('?') ? '&' : '?'}id=${id}`),
      ])
      return found
    } finally {
      clearTimeout(timer)
      this.waiting.delete(id)
    }
  }

  async answer(request, response) {
    const url = new URL(request.url, this.origin)
    if (url.pathname === '/results') {
      let body = ''
      for await (const chunk of request) body += chunk
      this.waiting.get(url.searchParams.get('id'))?.(JSON.parse(body))
      response.end()
      return
    }
    const [, first, second] = url.pathname.split('/')
    const policy = POLICIES[first]
    for (const [name, value] of Object.entries({ ...this.headers, ...policy }))
      response.setHeader(name, value)
    const folder = this.folders[second] ?? this.folders['']
    if (policy && typeof folder === 'function') return folder(request, response)
    const path = policy ? url.pathname.slice(first.length + 1) : url.pathname
    const inFolder = this.folders[second] ? path.slice(second.length + 1) : path
    const file = join(folder, normalize(decodeURIComponent(inFolder)))
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end()
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
    response.setHeader('access-control-allow-origin', '*')
    response.end(readFileSync(file))
  }
}
