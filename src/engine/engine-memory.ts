/** The part of the engine's memory that is lent: to callers, and to the scheduler for its windows. */

import { FORMATS, type Dtype, type TensorData } from '../numeric/dtypes.ts'
import { HeapAllocator } from './heap-allocator.ts'
import type { Backend } from './types.ts'

/** A region of the engine's memory, of any content. */
export interface Allocation {
  readonly data: TensorData
  /** Overwrites the region with NaN and frees it. To be called once. */
  free(): void
}

export class EngineMemory {
  private readonly backend: Pick<Backend, 'freeMemory'>
  private allocator: HeapAllocator | undefined

  constructor(backend: Pick<Backend, 'freeMemory'>) {
    this.backend = backend
  }

  /** Room for `length` elements; undefined if no free region is as large. */
  allocate(length: number, dtype: Dtype): Allocation | undefined {
    const { bytes, arrayType } = FORMATS[dtype]
    const { buffer } = this.backend.freeMemory()
    const allocator = this.getAllocator()
    const size = bytes * length
    const address = allocator.allocate(size)
    if (address === undefined) return undefined
    return {
      data: new arrayType(buffer as ArrayBuffer, address, length),
      free() {
        // all bits set are NaN in every dtype; regions are multiples of 64 bytes, so rounding up stays within
        new Uint32Array(buffer, address, Math.ceil(size / 4)).fill(0xffffffff)
        allocator.release(address, size)
      },
    }
  }

  /** Elements of the largest free region. */
  largestFreeLength(dtype: Dtype): number {
    return Math.floor(this.getAllocator().largestFreeBytes / FORMATS[dtype].bytes)
  }

  private getAllocator(): HeapAllocator {
    const { start, end } = this.backend.freeMemory()
    return (this.allocator ??= new HeapAllocator(start, end))
  }
}
