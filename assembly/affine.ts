/** From the unit of a map to its values: scale, mean, bounds. One rounding a step. */

import { loadBroadcast } from './broadcast'
import { HIGH, LOW, MEAN, SCALE } from './workspace'

/** x SCALE + MEAN. */
export class ScaleAndShift {
  apply(x: v128): v128 {
    const work = changetype<usize>(this)
    return f32x4.add(f32x4.mul(x, loadBroadcast(work, SCALE)), loadBroadcast(work, MEAN))
  }
}

/**
 * The same where the mean is 0, for maps that never come to a product of -0, the one value that an added 0 changes:
 * all but the truncated normal of bounds that do not mirror each other, whose f' may go beyond -2^31.
 */
export class ScaleOnly {
  apply(x: v128): v128 {
    return f32x4.mul(x, loadBroadcast(changetype<usize>(this), SCALE))
  }
}

/** `v < LOW ? LOW : v > HIGH ? HIGH : v`, lane by lane. */
export class ClampBoth {
  clamp(v: v128): v128 {
    const work = changetype<usize>(this)
    return f32x4.pmin(f32x4.pmax(v, loadBroadcast(work, LOW)), loadBroadcast(work, HIGH))
  }
}

/** The same where LOW is absent. */
export class ClampHigh {
  clamp(v: v128): v128 {
    return f32x4.pmin(v, loadBroadcast(changetype<usize>(this), HIGH))
  }
}

/** The same where both are. */
export class NoClamp {
  clamp(v: v128): v128 {
    return v
  }
}
