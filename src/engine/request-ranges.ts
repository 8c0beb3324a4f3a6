/**
 * Divides a checked request into element ranges: one for each run of its slice, split further where runs of zeros begin
 * and end.
 */

import type { TensorData } from '../numeric/dtypes.ts'
import { deriveKey } from '../rng/stream.ts'
import { splitRun, type Run } from './element-ranges.ts'
import type { AnyElementRange } from './types.ts'
import type { FillRequest } from './validate-request.ts'

/** The element ranges of a request, in the order of its target. */
export function generateRanges(request: FillRequest): Iterable<AnyElementRange> {
  const { seed, name, transform, dtype, target, runs, zeroRuns } = request
  const mask = transform.kind === 'matrix' && { maskKey: deriveKey(seed, name, 'sparse') }
  const job = { key: deriveKey(seed, name), transform, dtype, ...mask } as AnyElementRange['job']
  const allRuns = typeof runs === 'number' ? [{ first: runs, count: target.length }] : runs
  const ranges = generateRunRanges(allRuns, job, target)
  return zeroRuns.length > 0 ? splitAroundZeros(zeroRuns, ranges) : ranges
}

function* generateRunRanges(
  runs: Iterable<Run>,
  job: AnyElementRange['job'],
  target: TensorData,
): Generator<AnyElementRange> {
  let targetOffset = 0
  for (const { first, count } of runs) {
    yield { job, target, targetOffset, first, count } as AnyElementRange
    targetOffset += count
  }
}

/** The ranges, divided where runs of zeros begin and end. */
function* splitAroundZeros(
  zeroRuns: readonly Run[],
  ranges: Iterable<AnyElementRange>,
): Generator<AnyElementRange> {
  for (const { job, target, targetOffset, first, count } of ranges) {
    const zeroJob = { key: job.key, dtype: job.dtype, transform: { kind: 'constant', value: 0 } } as const
    for (const part of splitRun({ first, count }, zeroRuns)) {
      yield {
        job: part.isHole ? zeroJob : job,
        target,
        targetOffset: targetOffset + part.first - first,
        first: part.first,
        count: part.count,
      } as AnyElementRange
    }
  }
}
