/**
 * Programs nobody here wrote: what is not installed is skipped aloud. SIMDINIT_ORACLES=1 demands all of them, and a
 * list such as SIMDINIT_ORACLES=numpy,torch those that it names: then to lack one is a failure.
 */

import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { TestContext } from 'vitest'
import type { SampleStats } from './moments.ts'

export type Oracle = 'numpy' | 'scipy' | 'torch' | 'tfjs' | 'safetensors'

/** Does not return. */
export function skipOrFail(context: TestContext, oracle: Oracle, reason: string): never {
  const demanded = process.env.SIMDINIT_ORACLES ?? ''
  if (demanded === '1' || demanded.split(',').includes(oracle)) throw new Error(reason)
  console.warn(`${context.task.file.name}: ${reason}, so nothing was compared with it`)
  return context.skip(reason)
}

const pythonPaths = new Map<string, string | undefined>()

/** A python3 that has a module. */
export function findPython(context: TestContext, oracle: 'numpy' | 'scipy' | 'torch'): string {
  if (!pythonPaths.has(oracle))
    pythonPaths.set(
      oracle,
      ['python3', '/usr/bin/python3'].find((python) => hasModule(python, oracle)),
    )
  return pythonPaths.get(oracle) ?? skipOrFail(context, oracle, `no python3 has ${oracle}`)
}

function hasModule(python: string, module: string): boolean {
  try {
    execFileSync(python, ['-c', `import ${module}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

let tensorflowModule: unknown

/** The TensorFlow.js of bench/baselines, which `npm run test:reference` installs. */
export function loadTensorFlow<T>(context: TestContext): T {
  try {
    tensorflowModule ??= createRequire(new URL('../../bench/baselines/', import.meta.url))('@tensorflow/tfjs')
  } catch {
    skipOrFail(context, 'tfjs', 'TensorFlow.js is not installed; npm run test:reference installs it')
  }
  return tensorflowModule as T
}

/** What a program of test/reference says to a request: JSON in, JSON out. Values go as little-endian bytes in base64. */
export function runOracle<Answer>(python: string, program: string, request: unknown): Answer {
  const path = fileURLToPath(new URL(`../reference/${program}`, import.meta.url))
  const options = { encoding: 'utf8', maxBuffer: 2 ** 28, input: JSON.stringify(request) } as const
  return JSON.parse(execFileSync(python, [path], options)) as Answer
}

export function encodeBase64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64')
}

/**
 * How many standard errors two samples of one law are apart, in mean, in standard deviation and in kurtosis; the last
 * by its error for a normal, beside which those of bounded laws are small.
 */
export function computeZScores(
  a: SampleStats,
  b: SampleStats,
): { mean: number; std: number; kurtosis: number } {
  const size = Math.sqrt(1 / a.count + 1 / b.count)
  return {
    mean: (a.mean - b.mean) / (b.std * size),
    std: Math.log(a.std / b.std) / (size * Math.sqrt((b.kurtosis - 1) / 4)),
    kurtosis: (a.kurtosis - b.kurtosis) / (size * Math.sqrt(24)),
  }
}
