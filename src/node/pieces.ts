/** Text files in pieces and by lines: they are never in memory as a whole. */

import { closeSync, openSync, readSync } from 'node:fs'

/** Bytes of a piece. */
const PIECE = 2 ** 20

/** The text of a file, piece by piece. */
export function* piecesOf(path: string): Generator<string> {
  const file = openSync(path, 'r')
  try {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    const bytes = new Uint8Array(PIECE)
    for (;;) {
      const some = readSync(file, bytes, 0, PIECE, null)
      yield decoder.decode(bytes.subarray(0, some), { stream: some > 0 })
      if (some === 0) return
    }
  } finally {
    closeSync(file)
  }
}

/** The lines of a text that comes in pieces. */
export function* linesOf(pieces: Iterable<string>): Generator<string> {
  let line = ''
  for (const piece of pieces) {
    const [first, ...others] = piece.split('\n')
    line += first
    for (const next of others) {
      yield line
      line = next
    }
  }
  yield line
}
