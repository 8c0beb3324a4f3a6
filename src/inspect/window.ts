/** Reads a file from front to back in windows, the next one while this one is looked at. */

import type { ByteSource } from '../safetensors/reader.ts'

/** Bytes of a window. */
const WINDOW = 2 ** 21

export class Windows {
  private readonly source: ByteSource
  private bytes: Uint8Array = new Uint8Array(0)
  private start = 0
  private rooms = [new Uint8Array(WINDOW), new Uint8Array(WINDOW)]
  private next: { start: number; bytes: Promise<Uint8Array> } | undefined

  constructor(source: ByteSource) {
    this.source = source
  }

  /** The bytes from `position` on, at most to `end`: some, and `unit` at least. Valid until the next call. */
  async from(position: number, end: number, unit: number): Promise<Uint8Array> {
    if (position < this.start || position + unit > this.start + this.bytes.length) await this.move(position)
    const from = position - this.start
    const most = Math.min(this.bytes.length - from, end - position)
    return this.bytes.subarray(from, from + most - (most % unit))
  }

  private async move(position: number): Promise<void> {
    const under = this.next
    this.next = undefined
    const early = await under?.bytes
    this.bytes = under?.start === position && early ? early : await this.read(position)
    this.start = position
    const start = position + this.bytes.length
    if (start >= this.source.size) return
    const bytes = this.read(start)
    bytes.catch(() => {}) // reported where it is awaited
    this.next = { start, bytes }
  }

  private async read(position: number): Promise<Uint8Array> {
    this.rooms.reverse() // the window before this one is not looked at any more
    return this.source.read(position, Math.min(WINDOW, this.source.size - position), this.rooms[0])
  }
}
