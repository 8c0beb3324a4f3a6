/**
 * Instances of the kernels beside an engine's own, with as much memory as some work needs. A small one is kept; a large
 * one is taken again if the collector has not come for it yet, for else several of them lie around until it does.
 */

import { KernelInstance } from './kernel-instance.ts'

/** Bytes of a memory that is kept for the next work. */
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

  /** One with memory enough, which nobody else has until it is given back. */
  acquire(bytes: number): KernelInstance {
    const kept = this.kept ?? this.last?.deref()
    this.kept = this.last = undefined
    if (kept && kept.memory.buffer.byteLength >= bytes) return kept
    return new KernelInstance(this.module, bytes, this.workers)
  }

  release(instance: KernelInstance): void {
    if (instance.memory.buffer.byteLength <= MAX_KEPT_BYTES) this.kept = instance
    this.last = new WeakRef(instance)
  }
}
