/** The strategies in a line each, for `simdinit strategies` and the table of the README. */

export const STRATEGY_TABLE: readonly { readonly name: string; readonly values: string }[] = [
  { name: 'zeros()', values: '0' },
  { name: 'ones()', values: '1' },
  { name: 'constant({ value })', values: 'value' },
  { name: 'normal({ mean = 0, std = 1 })', values: 'N(mean, std²)' },
  { name: 'uniform({ low = 0, high = 1 })', values: 'U[low, high)' },
  {
    name: 'truncatedNormal({ mean = 0, std = 1, low, high })',
    values: 'N(mean, std²) cut to [low, high], absolute bounds',
  },
  { name: 'xavierNormal({ gain = 1 })', values: 'N(0, gain² · 2 / (fanIn + fanOut))' },
  { name: 'xavierUniform({ gain = 1 })', values: 'U(±gain · √(6 / (fanIn + fanOut)))' },
  { name: 'heNormal({ gain = 1 })', values: 'N(0, gain² · 2 / fanIn)' },
  { name: 'heUniform({ gain = 1 })', values: 'U(±gain · √(6 / fanIn))' },
  { name: 'lecunNormal({ gain = 1 })', values: 'N(0, gain² / fanIn)' },
  { name: 'lecunUniform({ gain = 1 })', values: 'U(±gain · √(3 / fanIn))' },
  {
    name: '…TruncatedNormal({ gain = 1 })',
    values: 'the same standard deviation, cut at ±2 of the uncut normal',
  },
  {
    name: 'varianceScaling({ scale, mode, distribution, gain })',
    values: 'std = gain · √(scale / n), n the fan of mode',
  },
  { name: 'residualNormal({ std, layers })', values: 'N(0, std² / (2 · layers))' },
]
