import { readFileSync } from 'node:fs'
import { createEngine, type Engine } from '../../src/index.ts'

const readKernel = () => readFileSync(new URL('../../build/kernel.wasm', import.meta.url))

/** Every kind of engine. All of them give the same bytes. */
export const ENGINES: [name: string, make: (memory?: number) => Promise<Engine>][] = [
  ['wasm', (memory) => createEngine({ backend: 'wasm', threads: 1, memory })],
  ['wasm, 3 threads', (memory) => createEngine({ threads: 3, memory })],
  ['wasm from a module', (memory) => createEngine({ wasm: new WebAssembly.Module(readKernel()), memory })],
  ['js', (memory) => createEngine({ backend: 'js', memory })],
]
