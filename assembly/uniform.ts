/** The uniform distribution on [low, high): one draw, one value, docs/stream.md, map U. */

import { floats } from './xoshiro'

/** Keeps value = clamp(f SCALE + MEAN, LOW, HIGH). */
export class Uniform<Place, Bound> {
  keep(draws: v128, to: usize): void {
    const work = changetype<usize>(this)
    const v = changetype<Place>(work).place(floats(work, draws))
    v128.store(to, changetype<Bound>(work).bound(v))
  }
}
