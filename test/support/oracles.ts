/**
 * Independent programs to compare with. Tests of a program that is not installed are skipped with a message.
 * SIMDINIT_ORACLES=1 makes a missing program a failure; SIMDINIT_ORACLES=numpy,torch does so for those listed.
 */

import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { TestContext } from 'vitest'
import type { SampleStats } from './moments.ts'

export type Oracle = 'numpy' | 'scipy' | 'torch' | 'tfjs' | 'safetensors'

/** Skips the test or throws. */
export function skipOrFail(context: TestContext, oracle: Oracle, reason: string): never {
  const demanded = process.env.SIMDINIT_ORACLES ?? ''
  if (demanded === '1' || demanded.split(',').includes(oracle)) throw new Error(reason)
  console.warn(`${context.task.file.name}: ${reason}, so nothing was compared with it`)
  return context.skip(reason)
}

const pythonPaths = new Map<string, string | undefined>()

/** Finds a python3 that can import a module. */
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

/** Runs a program of test/reference: JSON in, JSON out. Values are little-endian bytes in base64. */
export function runOracle<Answer>(python: string, program: string, request: unknown): Answer {
  const path = fileURLToPath(new URL(`../reference/${program}`, import.meta.url))
  const options = { encoding: 'utf8', maxBuffer: 2 ** 28, input: JSON.stringify(request) } as const
  return JSON.parse(execFileSync(python, [path], options)) as Answer
}

export function encodeBase64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64')
}

/**
 * How many standard errors two samples of one distribution differ by, in mean, standard deviation and kurtosis. The
 * standard error of the kurtosis is that of a normal, which exceeds that of bounded distributions.
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
