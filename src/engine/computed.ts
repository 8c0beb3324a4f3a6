/** Filling from a formula, element by element, on the thread that asks: both engines do it with this code. */

import { encode } from '../dtypes.ts'
import type { Backend, Stretch } from './backend.ts'
import type { Formula } from '../computed/formulas.ts'

/** Elements between two requests for draws. */
const PIECE = 4096

/** Fills a stretch; the draws, where the formula reads them, are those of the backend. */
export function fillComputed(
  backend: Pick<Backend, 'fill'>,
  { job, target, at, first, count }: Stretch,
  { drawn, at: element }: Formula,
): void {
  const { key, dtype } = job
  const bits = new Float32Array(drawn ? Math.min(PIECE, count) : 0)
  const draws = new Uint32Array(bits.buffer)
  for (let done = 0; done < count; done += PIECE) {
    const some = Math.min(PIECE, count - done)
    const start = first + done
    if (drawn) {
      const raw = { key, map: { kind: 'bits' }, dtype: 'f32' } as const
      backend.fill({ job: raw, target: bits, at: 0, first: start, count: some })
    }
    for (let i = 0; i < some; i++) {
      const u = drawn ? (draws[i] + 0.5) * 2 ** -32 : 0
      target[at + done + i] = encode(dtype, Math.fround(element(start + i, u)))
    }
  }
}
