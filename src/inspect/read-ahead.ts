/** Reads a stretch of a file from front to back in windows, the next one while this one is looked at. */

import type { FileSource } from './inspect-tensors.ts'

/** Two of them, of which the source may fill one while the other is looked at. */
export type BufferPair = readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]

export class ReadAheadReader {
  readonly source: FileSource
  private readonly endOffset: number
  private readonly buffers: Uint8Array<ArrayBuffer>[]
  private windowBytes: Uint8Array = new Uint8Array(0)
  private windowStart = 0
  private prefetch: { start: number; bytes: Promise<Uint8Array> } | undefined

  /** Reads nothing from `stop` on. */
  constructor(source: FileSource, stop: number, rooms: BufferPair) {
    this.source = source
    this.endOffset = stop
    this.buffers = [...rooms]
  }

  /** The bytes from `position` on, at most to `end`: some, and `unit` at least. Valid until the next call. */
  async getBytes(position: number, end: number, unit: number): Promise<Uint8Array> {
    if (position < this.windowStart || position + unit > this.windowStart + this.windowBytes.length)
      await this.moveTo(position)
    const from = position - this.windowStart
    const most = Math.min(this.windowBytes.length - from, end - position)
    return this.windowBytes.subarray(from, from + most - (most % unit))
  }

  /** Resolves when nothing is being read. */
  async waitUntilIdle(): Promise<void> {
    await this.prefetch?.bytes.catch(() => {})
  }

  private async moveTo(position: number): Promise<void> {
    const under = this.prefetch
    this.prefetch = undefined
    const early = await under?.bytes
    this.windowBytes = under?.start === position && early ? early : await this.readWindow(position)
    this.windowStart = position
    const start = position + this.windowBytes.length
    if (this.source.isBlocking || start >= this.endOffset) return
    const bytes = this.readWindow(start)
    bytes.catch(() => {}) // reported where it is awaited
    this.prefetch = { start, bytes }
  }

  private async readWindow(position: number): Promise<Uint8Array> {
    this.buffers.reverse() // the window before this one is not looked at any more
    const [room] = this.buffers
    return this.source.read(position, Math.min(room.length, this.endOffset - position), room)
  }
}
