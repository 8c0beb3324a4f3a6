/**
 * The packed package in an app, as each bundler serves or builds it with its default setup: no plugin and no option for
 * simdinit. The app is in `app/` next to this file.
 */

import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { installPacked } from '../../support/tarball.mjs'

const here = import.meta.dirname

/** Creates the app in `folder`, with only the package from its tarball installed. */
export function installApp(folder) {
  installPacked(folder)
  cpSync(`${here}/app`, folder, { recursive: true })
  cpSync(join(here, '../runtimes/golden.mjs'), `${folder}/golden.mjs`)
}

/**
 * Every app by name. Given the app's folder and the `base` of its address, each returns what serves it: a folder or a
 * request handler. `page` is the file to open, `close` ends what it started.
 */
export const APPS = {
  /** Unbundled modules, resolved through the page's import map. */
  'no bundler': async (app) => ({ serve: app, page: 'import-map.html' }),

  async 'Vite, dev'(app, base) {
    const { createServer } = await import('vite')
    const vite = await createServer({
      root: app,
      base,
      configFile: false,
      logLevel: 'error',
      server: { middlewareMode: true, hmr: false, ws: false },
    })
    return { serve: vite.middlewares, page: 'index.html', close: () => vite.close() }
  },

  async 'Vite, build'(app, base, out) {
    const { build } = await import('vite')
    await build({ root: app, base, configFile: false, logLevel: 'error', build: { outDir: out } })
    return { serve: out, page: 'index.html' }
  },

  async webpack(app, base, out) {
    const { default: webpack } = await import('webpack')
    const output = { path: out, filename: 'main.js' }
    const stats = await new Promise((resolve, reject) => {
      webpack({ mode: 'production', context: app, entry: './main.js', output }, (error, stats) =>
        error ? reject(error) : resolve(stats),
      )
    })
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString('errors-warnings'))
    return page(app, out)
  },

  async Rollup(app, base, out) {
    const { rollup } = await import('rollup')
    const { nodeResolve } = await import('@rollup/plugin-node-resolve')
    const onwarn = ({ message }) => {
      throw new Error(message)
    }
    const bundle = await rollup({
      input: `${app}/main.js`,
      plugins: [nodeResolve({ browser: true })],
      onwarn,
    })
    await bundle.write({ dir: out, format: 'es' })
    await bundle.close()
    return page(app, out)
  },

  async esbuild(app, base, out) {
    const { build } = await import('esbuild')
    await build({
      entryPoints: [`${app}/main.js`],
      bundle: true,
      minify: true,
      format: 'esm',
      outdir: out,
      logLevel: 'error',
    })
    return page(app, out)
  },
}

/** The bundlers that emit a file for `new Worker(new URL('simdinit/worker', import.meta.url))`. */
export const OWN_WORKER = ['Vite, dev', 'Vite, build', 'webpack']

/** The app's page with a bundle of its program. */
function page(app, out) {
  cpSync(`${app}/index.html`, `${out}/index.html`)
  return { serve: out, page: 'index.html' }
}
