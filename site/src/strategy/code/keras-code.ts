/** Generates Keras 3 code for a tensor of the same distribution. Comments explain differences. */

import { resolveDistribution } from 'simdinit'
import type { TensorRequest } from '../form-state.ts'
import {
  findRowAxis,
  moveAxis,
  matchesShapeFans,
  getExplicitAxis,
  convertShape,
  formatTuple,
  type VarianceScalingFields,
} from './common.ts'

const DTYPES = { bf16: 'bfloat16', f16: 'float16', f8_e4m3: 'float8_e4m3fn', f8_e5m2: 'float8_e5m2' }

/** An expression that creates an initializer, with comments for the lines above. */
interface KerasInitializer {
  readonly init?: string
  readonly comments?: readonly string[]
}

export function generateKerasCode(request: TensorRequest): string {
  const { dtype, seed } = request
  const { shape, isTransposed } = convertShape(request, 'io')
  const { init, comments = [] } = createKerasInitializer(
    request,
    typeof seed === 'number' ? `seed=${seed}` : 'seed=0',
  )
  const remarks = comments.map((line) => `# ${line}`)
  if (!init) return `${['import keras', '', ...remarks].join('\n')}\n`
  const axis = getExplicitAxis(request)
  const other = axis !== undefined && axis !== shape.length - 1
  const made = `init(shape=(${formatTuple(other ? moveAxis(shape, axis, shape.length - 1) : shape)}))`
  const lines = [
    ...(init.includes('math.') ? ['import math'] : []),
    'import keras',
    '',
    ...(init.includes('seed=')
      ? [
          typeof seed === 'number'
            ? '# another generator: other values of the same law'
            : '# Keras takes integers as seeds; its generator gives different values anyway',
        ]
      : []),
    ...remarks,
    ...wrapLine(`init = keras.initializers.${init}`),
    ...(isTransposed ? ['# the axes in the order of Keras: [...kernel, in, out]'] : []),
    ...(other ? ['# Orthogonal treats the last axis as the columns'] : []),
    `w = ${other ? `keras.ops.moveaxis(${made}, -1, ${axis})` : made}`,
    ...formatZeroRows(request),
    ...(dtype === 'f32' ? [] : [`w = keras.ops.cast(w, '${DTYPES[dtype]}')`]),
  ]
  return `${lines.join('\n')}\n`
}

/** Rows of zeros, set in a NumPy array because tensors of some Keras backends are immutable. */
function formatZeroRows(request: TensorRequest): string[] {
  if (request.rows.length === 0) return []
  const before = findRowAxis(request, 'io') > 0 ? '..., ' : ''
  return ['w = keras.ops.convert_to_numpy(w).copy()', `w[${before}[${request.rows.join(', ')}]] = 0`]
}

/** Breaks a call that is too long for a line, as Python formatters do. */
function wrapLine(line: string): string[] {
  if (line.length <= 88) return [line]
  const open = line.indexOf('(') + 1
  return [line.slice(0, open), `    ${line.slice(open, -1)},`, ')']
}

function createKerasInitializer(request: TensorRequest, seed: string): KerasInitializer {
  const { strategy: s } = request
  switch (s.type) {
    case 'varianceScaling':
      return formatVarianceScaling(s, request, seed)
    case 'zeros':
      return { init: 'Zeros()' }
    case 'ones':
      return { init: 'Ones()' }
    case 'constant':
      return { init: `Constant(${s.value})` }
    case 'normal':
      return { init: `RandomNormal(mean=${s.mean}, stddev=${s.std}, ${seed})` }
    case 'uniform':
      return { init: `RandomUniform(minval=${s.low}, maxval=${s.high}, ${seed})` }
    case 'residualNormal':
      return { init: `RandomNormal(stddev=${s.std} / math.sqrt(2 * ${s.layers}), ${seed})` }
    case 'truncatedNormal':
      return formatTruncated(s, seed)
    case 'orthogonal':
      return { init: `Orthogonal(gain=${s.gain}, ${seed})` }
    case 'identity':
      return { init: `Identity(gain=${s.gain})` }
    case 'stft':
      return {
        init: `STFT(side='${s.side}', window=${s.window === 'none' ? 'None' : `'${s.window}'`}, ${formatScaling(s.scaling)})`,
      }
    case 'forgetGateBias':
      return {
        comments: [
          'no separate initializer: keras.layers.LSTM(unit_forget_bias=True) does this with value 1',
        ],
      }
    default:
      return { comments: ['keras.initializers has no such initializer'] }
  }
}

function formatScaling(word: string): string {
  return `scaling=${word === 'none' ? 'None' : `'${word}'`}`
}

function formatTruncated(
  { mean, std, low, high }: { mean: number; std: number; low?: number; high?: number },
  seed: string,
): KerasInitializer {
  if (low === undefined && high === undefined) {
    return {
      init: `RandomNormal(mean=${mean}, stddev=${std}, ${seed})`,
      comments: [
        'without bounds nothing is truncated; TruncatedNormal would truncate at two standard deviations',
      ],
    }
  }
  const near = (bound: number | undefined, wanted: number) =>
    bound !== undefined && Math.abs(bound - wanted) <= 1e-9 * std
  if (near(low, mean - 2 * std) && near(high, mean + 2 * std)) {
    return { init: `TruncatedNormal(mean=${mean}, stddev=${std}, ${seed})` }
  }
  return {
    comments: ['Keras truncates only at two standard deviations: no equivalent'],
  }
}

const KERAS_NAMES = [
  ['GlorotUniform', 1, 'fanAvg', 'uniform'],
  ['GlorotNormal', 1, 'fanAvg', 'truncatedNormal'],
  ['HeUniform', 2, 'fanIn', 'uniform'],
  ['HeNormal', 2, 'fanIn', 'truncatedNormal'],
  ['LecunUniform', 1, 'fanIn', 'uniform'],
  ['LecunNormal', 1, 'fanIn', 'truncatedNormal'],
] as const

function formatVarianceScaling(
  { scale, mode, distribution, gain }: VarianceScalingFields,
  request: TensorRequest,
  seed: string,
): KerasInitializer {
  if (!matchesShapeFans(request, 'io')) {
    return formatResolved(
      request,
      seed,
      'Keras computes fans from shapes only: the numbers are for the given fans',
    )
  }
  if (mode === 'fanGeoAvg') {
    const why = 'Keras has no geometric mean of the fans: the numbers are for this shape'
    return formatResolved(request, seed, why)
  }
  const named = (law: VarianceScalingFields['distribution']) =>
    KERAS_NAMES.find(([, s, m, d]) => s === scale && m === mode && d === law)?.[0]
  const exact = named(distribution)
  if (exact && gain === 1) return { init: `${exact}(${seed})` }
  const [fan, law] = [
    { fanIn: 'fan_in', fanOut: 'fan_out', fanAvg: 'fan_avg' }[mode],
    { normal: 'untruncated_normal', truncatedNormal: 'truncated_normal', uniform: 'uniform' }[distribution],
  ]
  const size = gain === 1 ? scale : `${scale} * ${gain}**2`
  const alike = distribution === 'normal' && named('truncatedNormal')
  return {
    init: `VarianceScaling(scale=${size}, mode='${fan}', distribution='${law}', ${seed})`,
    comments: alike
      ? [`keras.initializers.${alike} is truncated at two standard deviations, unlike this one`]
      : [],
  }
}

function formatResolved(
  { strategy, shape, layout }: TensorRequest,
  seed: string,
  why: string,
): KerasInitializer {
  const d = resolveDistribution(strategy, shape, layout)
  const comments = [why]
  switch (d.type) {
    case 'normal':
      return { init: `RandomNormal(stddev=${d.std}, ${seed})`, comments }
    case 'uniform':
      return { init: `RandomUniform(minval=${d.low}, maxval=${d.high}, ${seed})`, comments }
    case 'truncatedNormal':
      return { init: `TruncatedNormal(stddev=${d.std}, ${seed})`, comments }
    default:
      return { init: 'Zeros()', comments: [] }
  }
}
