/** Regions of the engine's memory, lent first-fit and given back; the memory itself never grows. */

const ALIGNMENT_BYTES = 64

export class HeapAllocator {
  /** Free ranges in order of address, no two of them adjacent. */
  private freeRanges: { start: number; end: number }[]

  constructor(start: number, end: number) {
    this.freeRanges = [
      {
        start: Math.ceil(start / ALIGNMENT_BYTES) * ALIGNMENT_BYTES,
        end: Math.floor(end / ALIGNMENT_BYTES) * ALIGNMENT_BYTES,
      },
    ]
  }

  /** The address of `bytes` free bytes, or undefined if there is no such run. */
  allocate(bytes: number): number | undefined {
    const size = alignUp(bytes)
    const range = this.freeRanges.find(({ start, end }) => end - start >= size)
    if (!range) return undefined
    const { start } = range
    range.start += size
    this.freeRanges = this.freeRanges.filter(({ start, end }) => start < end)
    return start
  }

  /** Gives back what `take(bytes)` answered. */
  release(address: number, bytes: number): void {
    const ranges = [...this.freeRanges, { start: address, end: address + alignUp(bytes) }]
    ranges.sort((a, b) => a.start - b.start)
    this.freeRanges = []
    for (const range of ranges) {
      const last = this.freeRanges.at(-1)
      if (last?.end === range.start) last.end = range.end
      else this.freeRanges.push(range)
    }
  }

  /** The longest free run, in bytes. */
  get largestFreeBytes(): number {
    return Math.max(0, ...this.freeRanges.map(({ start, end }) => end - start))
  }
}

function alignUp(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / ALIGNMENT_BYTES)) * ALIGNMENT_BYTES
}
