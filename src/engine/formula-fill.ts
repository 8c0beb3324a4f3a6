/** Formulas, evaluated element by element on the calling thread. Both backends use this code. */

import { encode } from '../numeric/dtypes.ts'
import type { Backend, ElementRange } from './types.ts'
import type { Formula } from '../distributions/formulas.ts'

/** Elements between two requests for draws. */
const CHUNK_ELEMENTS = 4096

/** Fills a range. The draws, if the formula reads them, come from the backend. */
export function fillFormula(
  backend: Pick<Backend, 'fill'>,
  { job, target, targetOffset, first, count }: ElementRange,
  { isSampled, evaluate }: Formula,
): void {
  const { key, dtype } = job
  const bits = new Float32Array(isSampled ? Math.min(CHUNK_ELEMENTS, count) : 0)
  const draws = new Uint32Array(bits.buffer)
  const bitsJob = { key, transform: { kind: 'bits' }, dtype: 'f32' } as const
  for (let done = 0; done < count; done += CHUNK_ELEMENTS) {
    const chunk = Math.min(CHUNK_ELEMENTS, count - done)
    const start = first + done
    if (isSampled) backend.fill({ job: bitsJob, target: bits, targetOffset: 0, first: start, count: chunk })
    for (let i = 0; i < chunk; i++) {
      const u = isSampled ? (draws[i] + 0.5) * 2 ** -32 : 0
      target[targetOffset + done + i] = encode(dtype, Math.fround(evaluate(start + i, u)))
    }
  }
}
