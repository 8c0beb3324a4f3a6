/** Regions of the engine's memory, lent first-fit and given back; the memory itself never grows. */

const ALIGNMENT = 64

export class Regions {
  /** Free ranges in order of address, no two of them adjacent. */
  private free: { start: number; end: number }[]

  constructor(start: number, end: number) {
    this.free = [
      { start: Math.ceil(start / ALIGNMENT) * ALIGNMENT, end: Math.floor(end / ALIGNMENT) * ALIGNMENT },
    ]
  }

  /** The address of `bytes` free bytes, or undefined if there is no such run. */
  take(bytes: number): number | undefined {
    const size = roundUp(bytes)
    const range = this.free.find(({ start, end }) => end - start >= size)
    if (!range) return undefined
    const { start } = range
    range.start += size
    this.free = this.free.filter(({ start, end }) => start < end)
    return start
  }

  /** Gives back what `take(bytes)` answered. */
  release(address: number, bytes: number): void {
    const ranges = [...this.free, { start: address, end: address + roundUp(bytes) }]
    ranges.sort((a, b) => a.start - b.start)
    this.free = []
    for (const range of ranges) {
      const last = this.free.at(-1)
      if (last?.end === range.start) last.end = range.end
      else this.free.push(range)
    }
  }

  /** The longest free run, in bytes. */
  get longest(): number {
    return Math.max(0, ...this.free.map(({ start, end }) => end - start))
  }
}

function roundUp(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT
}
