/** TensorFlow.js with simdinit's initializers in a page, compared with Node. The package is that of bench/baselines. */

import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { installed } from '../../../bench/baselines/install.mjs'
import { train } from './train.mjs'

const here = import.meta.dirname
const root = join(here, '../../..')
const peers = join(root, 'bench/baselines')

export { installed as hasTensorflow }

/** The pages: a policy, and the engine that generates values under it. */
export const TENSORFLOW_PAGES = [
  ['open', 'wasm'],
  ['strict', 'wasm'],
  ['nowasm', 'js'],
]

/** Adds tfjs.html to the folder of pages, and returns a function that compares its results with Node's. */
export async function buildTensorflow(pages) {
  const { build } = await import('esbuild')
  await build({
    entryPoints: [`${here}/page/tfjs.js`],
    bundle: true,
    format: 'esm',
    outdir: pages,
    alias: {
      'simdinit/tfjs': join(root, 'dist/tfjs/index.js'),
      simdinit: join(root, 'dist/index.js'),
      '@tensorflow/tfjs': join(peers, 'node_modules/@tensorflow/tfjs'),
    },
    logLevel: 'error',
  })
  cpSync(`${here}/page/tfjs.html`, `${pages}/tfjs.html`)
  const tf = createRequire(`${peers}/`)('@tensorflow/tfjs')
  const { registerInitializers } = await import('../../../dist/tfjs/index.js')
  const node = await train(tf, registerInitializers)
  return (found, backend) => {
    if (found.error) return found.error
    if (found.backend !== backend) return `the engine is ${found.backend}, not ${backend}`
    const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)
    if (!same(found.first, node.first)) return 'its weights are not those of Node'
    if (!same(found.again, found.first)) return 'the model that is made again has other weights'
    const { losses } = found
    if (!(losses.at(-1) < losses[0] / 2)) return `it does not learn: ${losses}`
    if (losses.some((loss, i) => Math.abs(loss / node.losses[i] - 1) > 1e-3))
      return `its losses are ${losses}`
  }
}
