/** Reads a range of a file from front to back in windows: the next one is read while this one is being processed. */

import type { BufferPair } from './stats-backend.ts'
import type { FileSource } from './inspection-records.ts'

export class ReadAheadReader {
  readonly source: FileSource
  private readonly endOffset: number
  private readonly buffers: Uint8Array<ArrayBuffer>[]
  private windowBytes: Uint8Array = new Uint8Array(0)
  private windowStart = 0
  private prefetch: { start: number; bytes: Promise<Uint8Array> } | undefined

  /** Reads nothing at or after `endOffset`. */
  constructor(source: FileSource, endOffset: number, buffers: BufferPair) {
    this.source = source
    this.endOffset = endOffset
    this.buffers = [...buffers]
  }

  /**
   * Bytes from `position` on, at most up to `end`: a multiple of `unit`, and at least one unit. They are valid until the
   * next call.
   */
  async getBytes(position: number, end: number, unit: number): Promise<Uint8Array> {
    if (position < this.windowStart || position + unit > this.windowStart + this.windowBytes.length)
      await this.moveTo(position)
    const from = position - this.windowStart
    const available = Math.min(this.windowBytes.length - from, end - position)
    return this.windowBytes.subarray(from, from + available - (available % unit))
  }

  /** Resolves when no read is in progress. */
  async waitUntilIdle(): Promise<void> {
    await this.prefetch?.bytes.catch(() => {})
  }

  private async moveTo(position: number): Promise<void> {
    const { prefetch } = this
    this.prefetch = undefined
    const prefetched = await prefetch?.bytes
    this.windowBytes =
      prefetched && prefetch?.start === position ? prefetched : await this.readWindow(position)
    this.windowStart = position
    const start = position + this.windowBytes.length
    if (this.source.isBlocking || start >= this.endOffset) return
    const bytes = this.readWindow(start)
    bytes.catch(() => {}) // reported where the promise is awaited
    this.prefetch = { start, bytes }
  }

  private async readWindow(position: number): Promise<Uint8Array> {
    this.buffers.reverse() // the window before this one is no longer in use
    const [buffer] = this.buffers
    return this.source.read(position, Math.min(buffer.length, this.endOffset - position), buffer)
  }
}
