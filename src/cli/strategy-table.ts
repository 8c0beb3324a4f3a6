/** One line per strategy, for `simdinit strategies` and the table of the README. */

export const STRATEGY_TABLE: readonly { readonly name: string; readonly values: string }[] = [
  { name: 'zeros()', values: '0' },
  { name: 'ones()', values: '1' },
  { name: 'constant({ value })', values: 'value' },
  { name: 'normal({ mean = 0, std = 1 })', values: 'N(mean, std²)' },
  { name: 'uniform({ low = 0, high = 1 })', values: 'U[low, high)' },
  {
    name: 'truncatedNormal({ mean = 0, std = 1, low, high, sigmas })',
    values: 'N(mean, std²) truncated to [low, high], or at ±sigmas · std',
  },
  { name: 'xavierNormal({ gain = 1 })', values: 'N(0, gain² · 2 / (fanIn + fanOut))' },
  { name: 'xavierUniform({ gain = 1 })', values: 'U(±gain · √(6 / (fanIn + fanOut)))' },
  { name: 'heNormal({ gain = 1 })', values: 'N(0, gain² · 2 / fanIn)' },
  { name: 'heUniform({ gain = 1 })', values: 'U(±gain · √(6 / fanIn))' },
  { name: 'lecunNormal({ gain = 1 })', values: 'N(0, gain² / fanIn)' },
  { name: 'lecunUniform({ gain = 1 })', values: 'U(±gain · √(3 / fanIn))' },
  {
    name: '…TruncatedNormal({ gain = 1 })',
    values: 'the same standard deviation, truncated at ±2 std of the parent normal',
  },
  {
    name: 'varianceScaling({ scale, mode, distribution, gain })',
    values: 'std = gain · √(scale / n), where mode selects the fan n',
  },
  { name: 'residualNormal({ std, layers })', values: 'N(0, std² / (2 · layers))' },
  { name: 'zeroRows({ rows, strategy })', values: 'the values of strategy, with 0 in the given rows' },
  { name: 'identity({ gain = 1 })', values: 'gain on the diagonal of a matrix, else 0' },
  {
    name: "dirac({ groups = 1, center = 'upper' })",
    values: '1 where a convolution passes a channel through, else 0',
  },
  { name: 'bilinear()', values: 'bilinear interpolation as a transposed convolution' },
  {
    name: 'forgetGateBias({ value = 1, gates = 4, gate = 1 })',
    values: 'value in one part of a bias vector, else 0',
  },
  { name: 'arange({ start = 0, step = 1, axis = -1 })', values: 'start + step · i along an axis' },
  { name: 'logArange({ start = 1, step = 1, axis = -1 })', values: 'ln(start + step · i): Mamba’s A_log' },
  { name: "sinusoidal({ max = 10000, arrangement = 'interleaved' })", values: 'sin and cos of positions' },
  {
    name: "stft({ side = 'real', window = 'hann' })",
    values: 'the kernel of a short-time Fourier transform',
  },
  { name: 'logUniform({ low, high })', values: 'e^u, u ~ U[ln low, ln high)' },
  { name: 'logOfUniform({ low, high })', values: 'ln u, u ~ U[low, high): Mamba-2’s A_log' },
  {
    name: 'mambaDtBias({ low = 0.001, high = 0.1, floor = 0.0001 })',
    values: 'dt + ln(1 − e^−dt), dt log-uniform',
  },
  { name: 'griffinRecurrence({ low = 0.9, high = 0.999 })', values: 'ln(u^−½ − 1), u ~ U[low², high²)' },
  {
    name: 'orthogonal({ gain = 1, axis })',
    values: 'a random matrix with orthonormal columns or rows, times gain',
  },
  {
    name: "deltaOrthogonal({ gain = 1, center = 'lower' })",
    values: 'an orthogonal matrix at the center of a convolution, else 0',
  },
  {
    name: 'sparse({ sparsity, std = 0.01 })',
    values: 'N(0, std²), with ⌈sparsity · rows⌉ zeros in each column',
  },
]
