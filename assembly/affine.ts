/** From the unit of a map to its values: scale, mean, bounds. One rounding a step. */

import { lanes } from './lanes'
import { HIGH, LOW, MEAN, SCALE } from './workspace'

/** x SCALE + MEAN. */
export class Shifted {
  place(x: v128): v128 {
    const work = changetype<usize>(this)
    return f32x4.add(f32x4.mul(x, lanes(work, SCALE)), lanes(work, MEAN))
  }
}

/**
 * The same where the mean is 0, for maps that never come to a product of -0, the one value that an added 0 changes:
 * all but the truncated normal of bounds that do not mirror each other, whose f' may go beyond -2^31.
 */
export class Centred {
  place(x: v128): v128 {
    return f32x4.mul(x, lanes(changetype<usize>(this), SCALE))
  }
}

/** `v < LOW ? LOW : v > HIGH ? HIGH : v`, lane by lane. */
export class Clamped {
  bound(v: v128): v128 {
    const work = changetype<usize>(this)
    return f32x4.pmin(f32x4.pmax(v, lanes(work, LOW)), lanes(work, HIGH))
  }
}

/** The same where LOW is absent. */
export class Capped {
  bound(v: v128): v128 {
    return f32x4.pmin(v, lanes(changetype<usize>(this), HIGH))
  }
}

/** The same where both are. */
export class Unbounded {
  bound(v: v128): v128 {
    return v
  }
}
