/** Moments of the standard normal cut to [low, high], by Simpson's rule on 2^16 panels: about 1e-13. */
export function computeTruncatedMoments(
  low: number,
  high: number,
): { mean: number; variance: number; mass: number } {
  const [from, to] = [Math.max(low, -13), Math.min(high, 13)]
  const panels = 65536
  const h = (to - from) / panels
  const integral = (f: (x: number) => number) => {
    let sum = f(from) + f(to)
    for (let i = 1; i < panels; i++) sum += (i % 2 ? 4 : 2) * f(from + i * h)
    return (sum * h) / 3
  }
  const nearest = from > 0 ? from : to < 0 ? to : 0 // densities relative to the one there, to avoid underflow
  const density = (x: number) => Math.exp((nearest * nearest - x * x) / 2)
  const total = integral(density)
  const mean = nearest + integral((x) => (x - nearest) * density(x)) / total
  const variance = integral((x) => (x - mean) ** 2 * density(x)) / total
  const mass = (total * Math.exp((-nearest * nearest) / 2)) / Math.sqrt(2 * Math.PI)
  return { mean, variance, mass }
}

export interface SampleStats {
  count: number
  mean: number
  std: number
  kurtosis: number
  min: number
  max: number
}

/** Statistics of a sample. */
export function computeSampleStats(values: ArrayLike<number>): SampleStats {
  const count = values.length
  let [sum, min, max] = [0, Infinity, -Infinity]
  for (let i = 0; i < count; i++) {
    sum += values[i]
    min = Math.min(min, values[i])
    max = Math.max(max, values[i])
  }
  const mean = sum / count
  let [second, fourth] = [0, 0]
  for (let i = 0; i < count; i++) {
    const square = (values[i] - mean) ** 2
    second += square
    fourth += square * square
  }
  const variance = second / count
  return {
    count,
    mean,
    std: Math.sqrt(variance),
    kurtosis: fourth / count / variance ** 2,
    min,
    max,
  }
}
