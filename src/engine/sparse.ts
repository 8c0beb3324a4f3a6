/** Sparse matrices: normals, and zeros at places drawn without replacement. Both engines make them with this code. */

import { mapOf } from '../maps.ts'
import type { SparseForm } from '../structured/forms.ts'
import type { Backend, Making, StructuredJob } from './backend.ts'

/** Elements of a step that draws. */
const PIECE = 1 << 16

/** Phase 0 draws the normals, phase 1 clears places of a column a step. */
export function makeSparse(
  backend: Pick<Backend, 'fill'>,
  { key, maskKey }: StructuredJob,
  { rows, columns, std, zeros }: SparseForm,
): Making {
  const values = new Float32Array(rows * columns)
  const normals = { key, map: mapOf({ type: 'normal', mean: 0, std }, 'f32'), dtype: 'f32' } as const
  const bits = { key: maskKey, map: { kind: 'bits' }, dtype: 'f32' } as const
  const drawn = new Float32Array(rows)
  const draws = new Uint32Array(drawn.buffer)
  return {
    phases: [Math.ceil(values.length / PIECE), zeros === 0 ? 0 : columns],
    *step(phase, index) {
      if (phase === 0) {
        const first = index * PIECE
        const count = Math.min(PIECE, values.length - first)
        backend.fill({ job: normals, target: values, at: first, first, count })
        yield count
      } else {
        backend.fill({ job: bits, target: drawn, at: 0, first: index * rows, count: rows })
        for (const row of leastRows(draws, zeros)) values[row * columns + index] = 0
        yield rows * 8
      }
    },
    values,
    release() {},
  }
}

/** The rows of the `count` >= 1 least draws; of equal draws, those of the first rows. */
function* leastRows(draws: Uint32Array, count: number): Iterable<number> {
  const greatest = draws.toSorted()[count - 1]
  let equal = count
  for (const draw of draws) if (draw < greatest) equal--
  for (let row = 0; row < draws.length; row++) {
    if (draws[row] < greatest || (draws[row] === greatest && equal-- > 0)) yield row
  }
}
