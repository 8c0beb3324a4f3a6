/** Allocates regions of a memory of fixed size, first fit. */

const ALIGNMENT_BYTES = 64

interface FreeRange {
  start: number
  end: number
}

export class HeapAllocator {
  /** In order of address, no two of them adjacent. */
  private freeRanges: FreeRange[]

  constructor(start: number, end: number) {
    const first = Math.ceil(start / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    const last = Math.floor(end / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    this.freeRanges = [{ start: first, end: last }]
  }

  /** The address of `bytes` free bytes, or undefined if no free range is as long. */
  allocate(bytes: number): number | undefined {
    const size = alignUp(bytes)
    const range = this.freeRanges.find(({ start, end }) => end - start >= size)
    if (!range) return undefined
    const address = range.start
    range.start += size
    this.freeRanges = this.freeRanges.filter(({ start, end }) => start < end)
    return address
  }

  /** Frees what `allocate(bytes)` returned. */
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

  /** The length of the longest free range, in bytes. */
  get largestFreeBytes(): number {
    return Math.max(0, ...this.freeRanges.map(({ start, end }) => end - start))
  }
}

function alignUp(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / ALIGNMENT_BYTES)) * ALIGNMENT_BYTES
}
