/**
 * Has the collector look at once. A plan of half a million tensors leaves behind as much as it keeps, and V8 would let
 * that pile up several times over before it looked: 400 MB and more, for 40 MB that are in use.
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Tensors of a plan from which it is worth the tenth of a second. */
const GC_THRESHOLD_TENSORS = 50_000

export function collectGarbageIfLarge(tensors: number): void {
  if (tensors < GC_THRESHOLD_TENSORS) return
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  setFlagsFromString('--no-expose-gc')
}
