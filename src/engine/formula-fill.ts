/** Filling from a formula, element by element, on the thread that asks: both engines do it with this code. */

import { encode } from '../numeric/dtypes.ts'
import type { Backend, ElementRange } from './types.ts'
import type { Formula } from '../distributions/formulas.ts'

/** Elements between two requests for draws. */
const CHUNK_ELEMENTS = 4096

/** Fills a stretch; the draws, where the formula reads them, are those of the backend. */
export function fillFormula(
  backend: Pick<Backend, 'fill'>,
  { job, target, targetOffset, first, count }: ElementRange,
  { isSampled, evaluate: element }: Formula,
): void {
  const { key, dtype } = job
  const bits = new Float32Array(isSampled ? Math.min(CHUNK_ELEMENTS, count) : 0)
  const draws = new Uint32Array(bits.buffer)
  for (let done = 0; done < count; done += CHUNK_ELEMENTS) {
    const some = Math.min(CHUNK_ELEMENTS, count - done)
    const start = first + done
    if (isSampled) {
      const raw = { key, transform: { kind: 'bits' }, dtype: 'f32' } as const
      backend.fill({ job: raw, target: bits, targetOffset: 0, first: start, count: some })
    }
    for (let i = 0; i < some; i++) {
      const u = isSampled ? (draws[i] + 0.5) * 2 ** -32 : 0
      target[targetOffset + done + i] = encode(dtype, Math.fround(element(start + i, u)))
    }
  }
}
