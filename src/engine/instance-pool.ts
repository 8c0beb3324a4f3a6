/**
 * Instances of the kernels in addition to an engine's own, each with the memory that a task needs. A small one is kept.
 * A large one is left to the garbage collector, but reused if it has not been collected yet, so that several of them do
 * not pile up.
 */

import { createMemory, KernelInstance } from './kernel-instance.ts'

/** The largest memory that is kept for the next task. */
const MAX_KEPT_BYTES = 2 ** 26

export class InstancePool {
  private readonly module: WebAssembly.Module
  private readonly workers: number
  private kept: KernelInstance | undefined
  private last: WeakRef<KernelInstance> | undefined

  constructor(module: WebAssembly.Module, workers: number) {
    this.module = module
    this.workers = workers
  }

  /** An instance with at least so much memory; undefined if the host has less. No other task gets it until `release`. */
  acquire(bytes: number): KernelInstance | undefined {
    const previous = this.kept ?? this.last?.deref()
    this.kept = this.last = undefined
    if (previous && previous.memory.buffer.byteLength >= bytes) return previous
    let memory: WebAssembly.Memory
    try {
      memory = createMemory(bytes, this.workers)
    } catch {
      return undefined
    }
    return new KernelInstance(this.module, memory, this.workers)
  }

  release(instance: KernelInstance): void {
    if (instance.memory.buffer.byteLength <= MAX_KEPT_BYTES) this.kept = instance
    this.last = new WeakRef(instance)
  }
}
