/**
 * docs/guides/tfjs.md: runs its programs, and checks the types of `registerInitializers` against those of TensorFlow.js.
 * The package is that of bench/baselines; `npm run test:reference` installs it.
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadTensorFlow } from '../support/oracles.ts'

const PEERS = resolve('bench/baselines/node_modules')

describe('the types', () => {
  it('are compatible with those of TensorFlow.js', (context) => {
    loadTensorFlow(context)
    const folder = mkdtempSync(join(tmpdir(), 'simdinit-types-'))
    writeFileSync(
      join(folder, 'app.ts'),
      `import * as tf from '@tensorflow/tfjs'
       import { registerInitializers } from 'simdinit/tfjs'
       const init = await registerInitializers(tf)
       const tensor: tf.Tensor = init.heNormal({ seed: 1 }).apply([2, 3])
       tf.layers.dense({ units: 2, kernelInitializer: init.heNormal({ seed: 42, name: 'fc1' }) })
       tf.layers.gru({ units: 2, recurrentInitializer: init.orthogonal(), biasInitializer: init.zeros() })
       // @ts-expect-error a seed must be a number
       init.heNormal({ seed: '1' })
       // @ts-expect-error a mode of another framework
       init.varianceScaling({ mode: 'fan_in' })
       export { tensor }`,
    )
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          skipLibCheck: true,
          target: 'es2022',
          lib: ['es2022', 'dom'],
          module: 'esnext',
          moduleResolution: 'bundler',
          types: [],
          paths: {
            'simdinit/tfjs': [resolve('dist/tfjs/index.d.ts')],
            '@tensorflow/*': [join(PEERS, '@tensorflow/*')],
          },
        },
      }),
    )
    const { status, stdout } = spawnSync(resolve('node_modules/.bin/tsc'), ['-p', folder], {
      encoding: 'utf8',
    })
    rmSync(folder, { recursive: true })
    expect([stdout, status]).toEqual(['', 0])
  })
})

describe('the guide', () => {
  const guide = readFileSync('docs/guides/tfjs.md', 'utf8')
  const programs = [...guide.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code)

  it.for(programs)('shows a program that prints what its comments promise: %s', (code, context) => {
    loadTensorFlow(context)
    const promises = [...code.matchAll(/console\.log\(.*?\) \/\/ (.*)$/gm)].map(([, comment]) => comment)
    expect(promises.length).toBeGreaterThan(0)
    const path = createRequire(`${PEERS}/`).resolve('@tensorflow/tfjs')
    mkdirSync('build', { recursive: true })
    writeFileSync('build/tfjs-guide.mjs', code.replace("'@tensorflow/tfjs'", `'${pathToFileURL(path)}'`))
    const output = execFileSync(process.execPath, ['build/tfjs-guide.mjs'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const lines = output.split('\n').filter((line) => line && !/^(=+|Hi, looks like .*)$/.test(line.trim()))
    expect(lines).toEqual(promises)
  })

  it('has a program for every task', () => expect(programs.length).toBeGreaterThan(4))
})
