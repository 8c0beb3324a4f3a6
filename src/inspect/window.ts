/** Reads a stretch of a file from front to back in windows, the next one while this one is looked at. */

import type { FileSource } from './tensors.ts'

/** Two of them, of which the source may fill one while the other is looked at. */
export type Rooms = readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]

export class Windows {
  readonly source: FileSource
  private readonly stop: number
  private readonly rooms: Uint8Array<ArrayBuffer>[]
  private bytes: Uint8Array = new Uint8Array(0)
  private start = 0
  private next: { start: number; bytes: Promise<Uint8Array> } | undefined

  /** Reads nothing from `stop` on. */
  constructor(source: FileSource, stop: number, rooms: Rooms) {
    this.source = source
    this.stop = stop
    this.rooms = [...rooms]
  }

  /** The bytes from `position` on, at most to `end`: some, and `unit` at least. Valid until the next call. */
  async from(position: number, end: number, unit: number): Promise<Uint8Array> {
    if (position < this.start || position + unit > this.start + this.bytes.length) await this.move(position)
    const from = position - this.start
    const most = Math.min(this.bytes.length - from, end - position)
    return this.bytes.subarray(from, from + most - (most % unit))
  }

  /** Resolves when nothing is being read. */
  async settled(): Promise<void> {
    await this.next?.bytes.catch(() => {})
  }

  private async move(position: number): Promise<void> {
    const under = this.next
    this.next = undefined
    const early = await under?.bytes
    this.bytes = under?.start === position && early ? early : await this.read(position)
    this.start = position
    const start = position + this.bytes.length
    if (this.source.waits || start >= this.stop) return
    const bytes = this.read(start)
    bytes.catch(() => {}) // reported where it is awaited
    this.next = { start, bytes }
  }

  private async read(position: number): Promise<Uint8Array> {
    this.rooms.reverse() // the window before this one is not looked at any more
    const [room] = this.rooms
    return this.source.read(position, Math.min(room.length, this.stop - position), room)
  }
}
