/** The last steps of a transform: policies for scale and mean (AffineOp) and for bounds (ClampOp); see fill.ts. */

import { loadBroadcast } from './broadcast'
import { HIGH, LOW, MEAN, SCALE } from './workspace'

/** AffineOp: x SCALE + MEAN, rounded after each operation. */
export class ScaleAndShift {
  apply(x: v128): v128 {
    const work = changetype<usize>(this)
    return f32x4.add(f32x4.mul(x, loadBroadcast(work, SCALE)), loadBroadcast(work, MEAN))
  }
}

/**
 * AffineOp for a mean of 0: x SCALE. It gives the same bits only if no product is -0, which adding 0 would turn into 0.
 * That holds for all transforms but the asymmetric truncated normal, whose f' can exceed 2^31 in magnitude.
 */
export class ScaleOnly {
  apply(x: v128): v128 {
    return f32x4.mul(x, loadBroadcast(changetype<usize>(this), SCALE))
  }
}

/** ClampOp: `v < LOW ? LOW : v > HIGH ? HIGH : v` in each SIMD lane. */
export class ClampBoth {
  clamp(v: v128): v128 {
    const work = changetype<usize>(this)
    return f32x4.pmin(f32x4.pmax(v, loadBroadcast(work, LOW)), loadBroadcast(work, HIGH))
  }
}

/** ClampOp without a lower bound. */
export class ClampHigh {
  clamp(v: v128): v128 {
    return f32x4.pmin(v, loadBroadcast(changetype<usize>(this), HIGH))
  }
}

/** ClampOp without bounds. */
export class NoClamp {
  clamp(v: v128): v128 {
    return v
  }
}
