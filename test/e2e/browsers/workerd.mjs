/**
 * workerd, from the packages of this folder (Linux on x64): a runtime that forbids compiling kernels from bytes, and
 * takes them as a module.
 */

import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const here = import.meta.dirname
const command = `${here}/node_modules/@cloudflare/workerd-linux-64/bin/workerd`

export const hasWorkerd = existsSync(command)

/** Runs the app's worker, built in the folder `out`; returns a function that queries it, and one that ends it. */
export async function startWorkerd(app, out) {
  mkdirSync(out, { recursive: true })
  await build({
    entryPoints: [`${app}/workerd.js`],
    bundle: true,
    format: 'esm',
    outdir: out,
    external: ['simdinit/kernel.wasm', 'stream.md'],
    logLevel: 'error',
  })
  cpSync(`${app}/node_modules/simdinit/dist/kernel.wasm`, `${out}/kernel.wasm`)
  cpSync(join(here, '../../../docs/reference/stream.md'), `${out}/stream.md`)
  writeFileSync(
    `${out}/config.capnp`,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [
      (name = "worker", esModule = embed "workerd.js"),
      (name = "simdinit/kernel.wasm", wasm = embed "kernel.wasm"),
      (name = "stream.md", text = embed "stream.md"),
    ],
    compatibilityDate = "2026-01-01"))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);
`,
  )
  const child = spawn(command, ['serve', 'config.capnp', '--control-fd=3'], {
    cwd: out,
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
  const port = await new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error('workerd ended')))
    child.stdio[3].once('data', (text) => resolve(JSON.parse(String(text).split('\n')[0]).port))
  })
  return {
    ask: async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).json(),
    end: () => child.kill(),
  }
}
