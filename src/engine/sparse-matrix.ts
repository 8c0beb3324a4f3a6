/** Sparse matrices: normals, and zeros at places drawn without replacement. Both engines make them with this code. */

import { compileTransform } from '../distributions/transform.ts'
import type { SparseSpec } from '../distributions/matrix-plan.ts'
import type { Backend, MatrixTask, MatrixJob } from './types.ts'

/** Elements of a step that draws. */
const CHUNK_ELEMENTS = 1 << 16

/** Phase 0 draws the normals, phase 1 clears places of a column a step. */
export function createSparseTask(
  backend: Pick<Backend, 'fill'>,
  { key, maskKey }: MatrixJob,
  { rows, columns, std, zerosPerColumn }: SparseSpec,
): MatrixTask {
  const values = new Float32Array(rows * columns)
  const normals = {
    key,
    transform: compileTransform({ type: 'normal', mean: 0, std }, 'f32'),
    dtype: 'f32',
  } as const
  const bits = { key: maskKey, transform: { kind: 'bits' }, dtype: 'f32' } as const
  const drawn = new Float32Array(rows)
  const draws = new Uint32Array(drawn.buffer)
  return {
    phases: [Math.ceil(values.length / CHUNK_ELEMENTS), zerosPerColumn === 0 ? 0 : columns],
    *runStep(phase, index) {
      if (phase === 0) {
        const first = index * CHUNK_ELEMENTS
        const count = Math.min(CHUNK_ELEMENTS, values.length - first)
        backend.fill({ job: normals, target: values, targetOffset: first, first, count })
        yield count
      } else {
        backend.fill({ job: bits, target: drawn, targetOffset: 0, first: index * rows, count: rows })
        for (const row of findSmallestDraws(draws, zerosPerColumn)) values[row * columns + index] = 0
        yield rows * 8
      }
    },
    values,
    release() {},
  }
}

/** The rows of the `count` >= 1 least draws; of equal draws, those of the first rows. */
function* findSmallestDraws(draws: Uint32Array, count: number): Iterable<number> {
  const greatest = draws.toSorted()[count - 1]
  let equal = count
  for (const draw of draws) if (draw < greatest) equal--
  for (let row = 0; row < draws.length; row++) {
    if (draws[row] < greatest || (draws[row] === greatest && equal-- > 0)) yield row
  }
}
