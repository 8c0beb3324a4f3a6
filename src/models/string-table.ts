/**
 * Many names in little memory: their UTF-8 in blocks, outside of the heap of JavaScript. Half a million take 30 MB here,
 * and nothing of what the collector adds; each is a string only while it is looked at.
 */

import { checkName } from '../rng/stream.ts'

/** Names of a block. */
const BLOCK = 256

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

interface Block {
  readonly bytes: Uint8Array
  /** Where each name begins, and where the last one ends. */
  readonly starts: Uint32Array
}

export class Names {
  private readonly blocks: Block[] = []
  /** Those that do not fill a block yet. */
  private open: string[] = []

  /** Throws a TypeError or RangeError for what is no name. */
  push(name: string): void {
    if (this.open.push(checkName(name)) < BLOCK) return
    this.blocks.push(packed(this.open))
    this.open = []
  }

  at(index: number): string {
    const block = this.blocks[Math.floor(index / BLOCK)]
    if (!block) return this.open[index % BLOCK]
    const { bytes, starts } = block
    return decoder.decode(bytes.subarray(starts[index % BLOCK], starts[(index % BLOCK) + 1]))
  }
}

function packed(names: readonly string[]): Block {
  const starts = new Uint32Array(names.length + 1)
  for (const [i, name] of names.entries()) starts[i + 1] = starts[i] + encoder.encode(name).length
  return { bytes: encoder.encode(names.join('')), starts }
}
