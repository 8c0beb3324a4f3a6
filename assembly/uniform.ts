/** The uniform distribution on [low, high): one draw gives one value; docs/reference/stream.md, map U. */

import { drawsToFloats } from './xoshiro'

/** StoreOp: value = clamp(f SCALE + MEAN, LOW, HIGH). */
export class StoreUniform<AffineOp, ClampOp> {
  write(draws: v128, to: usize): void {
    const work = changetype<usize>(this)
    const v = changetype<AffineOp>(work).apply(drawsToFloats(work, draws))
    v128.store(to, changetype<ClampOp>(work).clamp(v))
  }
}
