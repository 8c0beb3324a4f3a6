/**
 * The target distribution of a tensor's values: its density, and its moments, which are integrals of the density. Values
 * that are a formula of their position have no distribution: undefined.
 */

import { effectiveStd, type Distribution } from 'simdinit'

export interface TargetDistribution {
  /** Without the atoms; integrates to 1 minus their mass. Undefined if there are only atoms. */
  readonly density?: (x: number) => number
  /** The support of the density; infinite if it is unbounded. */
  readonly low: number
  readonly high: number
  /** The range that a chart shows. */
  readonly from: number
  readonly to: number
  /** Single values with a positive probability. */
  readonly atoms: readonly { readonly value: number; readonly mass: number }[]
  readonly mean: number
  readonly std: number
  /** The fourth central moment over the square of the variance: 3 for a normal. NaN for a constant. */
  readonly kurtosis: number
}

interface DensityShape
  extends
    Pick<TargetDistribution, 'density' | 'low' | 'high' | 'from' | 'to'>,
    Partial<Pick<TargetDistribution, 'atoms'>> {
  /** The range of integration, if it is wider than the chart. */
  readonly support?: Interval
}

interface Interval {
  readonly from: number
  readonly to: number
}

/** Half-widths of a normal in standard deviations, in charts and in integrals. */
const [DISPLAY_SIGMAS, INTEGRATION_SIGMAS] = [4.5, 10]

/** The probability of a bin, approximated with the density at its center. */
export function computeBinMass(
  { density, atoms }: TargetDistribution,
  center: number,
  width: number,
): number {
  const inside = ({ value }: { value: number }) => Math.floor((value - center) / width + 0.5) === 0
  return atoms.filter(inside).reduce((sum, { mass }) => sum + mass, width * (density?.(center) ?? 0))
}

/** The distribution of the first `count` values. */
export function createTargetDistribution(
  distribution: Distribution,
  count: number,
): TargetDistribution | undefined {
  const shape =
    distribution.type === 'zeroRows' ? createZeroRowsShape(distribution, count) : createShape(distribution)
  if (!shape) return undefined
  const { atoms = [], density, support = shape } = shape
  const moment = (power: number, center: number) =>
    atoms.reduce((sum, { value, mass }) => sum + mass * (value - center) ** power, 0) +
    (density ? integrate((x) => density(x) * (x - center) ** power, support) : 0)
  const rawMean = moment(1, 0)
  const std = distribution.type === 'zeroRows' ? Math.sqrt(moment(2, rawMean)) : effectiveStd(distribution)
  const mean = Math.abs(rawMean) < 1e-9 * std ? 0 : rawMean // rounding errors of a symmetric distribution
  return { ...shape, atoms, mean, std, kurtosis: std > 0 ? moment(4, mean) / moment(2, mean) ** 2 : NaN }
}

function createShape(d: Distribution): DensityShape | undefined {
  switch (d.type) {
    case 'constant':
      return createAtom(d.value)
    case 'uniform':
      return createBoundedShape(d.low, d.high, () => 1 / (d.high - d.low))
    case 'normal':
      return d.std === 0 ? createAtom(d.mean) : createNormalShape(d.mean, d.std, -Infinity, Infinity)
    case 'truncatedNormal':
      return d.std === 0
        ? createAtom(d.mean)
        : createNormalShape(d.mean, d.std, d.low ?? -Infinity, d.high ?? Infinity)
    case 'sparse': {
      const rows = d.shape[0]
      const mass = rows === 0 ? 0 : Math.ceil(d.sparsity * rows) / rows
      if (d.std === 0 || mass === 1) return createAtom(0)
      const { density, ...rest } = createNormalShape(0, d.std, -Infinity, Infinity)
      return { ...rest, density: (x) => (1 - mass) * density!(x), atoms: [{ value: 0, mass }] }
    }
    case 'orthogonal':
      return createOrthogonalShape(d.shape, d.axis!, Math.abs(d.gain))
    case 'logUniform': {
      const width = Math.log(d.high / d.low)
      return createBoundedShape(d.low, d.high, (x) => 1 / (x * width))
    }
    case 'logOfUniform':
      return createBoundedShape(Math.log(d.low), Math.log(d.high), (x) => Math.exp(x) / (d.high - d.low))
    case 'mambaDtBias':
      return createMambaShape(d.low, d.high, d.floor)
    case 'griffinRecurrence': {
      const squares = d.high ** 2 - d.low ** 2
      return createBoundedShape(
        decayToParameter(d.high),
        decayToParameter(d.low),
        (x) => (2 * Math.exp(x)) / (1 + Math.exp(x)) ** 3 / squares,
      )
    }
    default:
      return undefined
  }
}

/** Rows of zeros within another distribution, in the proportion of the first `count` values. */
function createZeroRowsShape(
  { rows, width, of }: Extract<Distribution, { type: 'zeroRows' }>,
  count: number,
): DensityShape | undefined {
  const shape = createShape(of)
  if (!shape) return undefined
  const zeros = rows.reduce((sum, row) => sum + Math.min(Math.max(count - row * width, 0), width), 0)
  const mass = zeros / count
  if (mass === 0) return shape
  const { low, high, from, to, density, atoms = [], support = { from, to } } = shape
  return {
    low: Math.min(low, 0),
    high: Math.max(high, 0),
    from: Math.min(from, 0),
    to: Math.max(to, 0),
    support,
    ...(density && mass < 1 && { density: (x) => (1 - mass) * density(x) }),
    atoms: [{ value: 0, mass }, ...atoms.map((atom) => ({ ...atom, mass: (1 - mass) * atom.mass }))],
  }
}

function createAtom(value: number): DensityShape {
  return { low: value, high: value, from: value, to: value, atoms: [{ value, mass: 1 }] }
}

function createBoundedShape(low: number, high: number, density: (x: number) => number): DensityShape {
  return { low, high, from: low, to: high, density: (x) => (x >= low && x < high ? density(x) : 0) }
}

function createNormalShape(mean: number, std: number, low: number, high: number): DensityShape {
  const within = (sigmas: number): Interval => ({
    from: Math.max(low, mean - sigmas * std),
    to: Math.min(high, mean + sigmas * std),
  })
  const shown = within(DISPLAY_SIGMAS)
  if (shown.from >= shown.to) return createTailShape(mean, std, low, high)
  const bell = (x: number) => (x >= low && x <= high ? Math.exp(-0.5 * ((x - mean) / std) ** 2) : 0)
  const support = within(INTEGRATION_SIGMAS)
  const mass = integrate(bell, support)
  return { low, high, ...shown, support, density: (x) => bell(x) / mass }
}

/** A normal truncated to its tail. The density is relative to that at the nearer bound, which would underflow. */
function createTailShape(mean: number, std: number, low: number, high: number): DensityShape {
  const [near, sign] = low > mean ? [low, 1] : [high, -1]
  const steepness = Math.abs(near - mean) / std // decays as e^(-steepness t), t in standard deviations
  const end = near + sign * (12 / steepness) * std
  const [from, to] = sign > 0 ? [near, Math.min(high, end)] : [Math.max(low, end), near]
  const bell = (x: number) => {
    const t = Math.abs(x - near) / std
    return x >= low && x <= high ? Math.exp(-t * (steepness + t / 2)) : 0
  }
  const mass = integrate(bell, { from, to })
  return { low, high, from, to, density: (x) => bell(x) / mass }
}

/** The density of one element of a random unit vector, whose dimension is the longer side. */
function createOrthogonalShape(
  shape: readonly number[],
  axis: number,
  gain: number,
): DensityShape | undefined {
  const side = shape[axis < 0 ? shape.length + axis : axis]
  const n = Math.max(side, shape.reduce((product, k) => product * k, 1) / side)
  if (!(n > 3) || gain === 0) return undefined
  const [to, end] = [DISPLAY_SIGMAS, INTEGRATION_SIGMAS].map(
    (sigmas) => Math.min(1, sigmas / Math.sqrt(n)) * gain,
  )
  const bell = (x: number) => Math.max(0, 1 - (x / gain) ** 2) ** ((n - 3) / 2)
  const support = { from: -end, to: end }
  const mass = integrate(bell, support)
  return { low: -gain, high: gain, from: -to, to, support, density: (x) => bell(x) / mass }
}

/** y with dt = ln(1 + e^y) log-uniform, those below the floor at it. */
function createMambaShape(low: number, high: number, floor: number): DensityShape {
  const width = Math.log(high / low)
  if (floor >= high) return createAtom(inverseSoftplus(floor))
  const mass = floor > low ? Math.log(floor / low) / width : 0
  const shape = createBoundedShape(inverseSoftplus(Math.max(low, floor)), inverseSoftplus(high), (y) => {
    const dt = Math.log1p(Math.exp(y))
    return 1 / (1 + Math.exp(-y)) / (dt * width)
  })
  return mass > 0 ? { ...shape, atoms: [{ value: shape.low, mass }] } : shape
}

/** The y whose softplus, ln(1 + e^y), is dt. */
function inverseSoftplus(dt: number): number {
  return dt + Math.log(-Math.expm1(-dt))
}

/** The parameter of a recurrent gate of Griffin by its decay. */
function decayToParameter(decay: number): number {
  return Math.log(1 / decay - 1)
}

/** By the midpoint rule, whose error is far below what a picture shows. */
function integrate(f: (x: number) => number, { from, to }: Interval): number {
  const pieces = 4000
  const step = (to - from) / pieces
  let sum = 0
  for (let i = 0; i < pieces; i++) sum += f(from + (i + 0.5) * step)
  return sum * step
}
