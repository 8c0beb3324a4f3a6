/** Sparse matrices: normals, with zeros at rows drawn without replacement in each column. Both backends use this code. */

import { compileTransform } from '../distributions/transform.ts'
import type { SparseSpec } from '../distributions/matrix-plan.ts'
import type { Backend, MatrixTask, MatrixJob } from './types.ts'

/** Elements of a step of phase 0. */
const CHUNK_ELEMENTS = 1 << 16

/** Phase 0 computes the normals; each step of phase 1 sets the zeros of a column. */
export function createSparseTask(
  backend: Pick<Backend, 'fill'>,
  { key, maskKey }: MatrixJob,
  { rows, columns, std, zerosPerColumn }: SparseSpec,
): MatrixTask {
  const values = new Float32Array(rows * columns)
  const normalsJob = {
    key,
    transform: compileTransform({ type: 'normal', mean: 0, std }, 'f32'),
    dtype: 'f32',
  } as const
  const bitsJob = { key: maskKey, transform: { kind: 'bits' }, dtype: 'f32' } as const
  const bits = new Float32Array(rows)
  const draws = new Uint32Array(bits.buffer)
  return {
    phases: [Math.ceil(values.length / CHUNK_ELEMENTS), zerosPerColumn === 0 ? 0 : columns],
    *runStep(phase, index) {
      if (phase === 0) {
        const first = index * CHUNK_ELEMENTS
        const count = Math.min(CHUNK_ELEMENTS, values.length - first)
        backend.fill({ job: normalsJob, target: values, targetOffset: first, first, count })
        yield count
      } else {
        backend.fill({ job: bitsJob, target: bits, targetOffset: 0, first: index * rows, count: rows })
        for (const row of findSmallestDraws(draws, zerosPerColumn)) values[row * columns + index] = 0
        yield rows * 8
      }
    },
    values,
    release() {},
  }
}

/** The rows of the `count` >= 1 smallest draws; of equal draws, the first rows. */
function* findSmallestDraws(draws: Uint32Array, count: number): Iterable<number> {
  const threshold = draws.toSorted()[count - 1]
  let ties = count // draws equal to the threshold that are chosen
  for (const draw of draws) if (draw < threshold) ties--
  for (let row = 0; row < draws.length; row++) {
    if (draws[row] < threshold || (draws[row] === threshold && ties-- > 0)) yield row
  }
}
