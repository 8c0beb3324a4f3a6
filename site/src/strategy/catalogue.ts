/**
 * The strategies that the page offers, with the parameters that each has. `initial` is what an empty field stands for:
 * the library's default, or an example where the library has none and wants a value.
 */

export type Group = 'scaled' | 'plain' | 'matrices' | 'places' | 'sequences'

export interface Parameter {
  readonly name: ParameterName
  /** '' where leaving it out means something of its own. */
  readonly initial: string
  /** The words it may be, if it is no number. */
  readonly words?: readonly string[]
  /** It may be several numbers. */
  readonly list?: true
  /** What an empty field stands for, where `initial` does not say it. */
  readonly unset?: 'ofShape' | 'byLayout'
}

export const PARAMETERS = [
  'mean',
  'std',
  'low',
  'high',
  'sigmas',
  'value',
  'scale',
  'mode',
  'distribution',
  'gain',
  'layers',
  'sparsity',
  'axis',
  'groups',
  'centre',
  'gates',
  'gate',
  'start',
  'step',
  'max',
  'arrangement',
  'side',
  'window',
  'scaling',
  'floor',
  'fanIn',
  'fanOut',
  'inAxis',
  'outAxis',
  'batchAxis',
  'lowRank',
  'rows',
] as const
export type ParameterName = (typeof PARAMETERS)[number]

const p = (name: ParameterName, initial = '', words?: readonly string[]): Parameter => ({
  name,
  initial,
  words,
})

/** Of strategies that scale with the fans, where the layout does not show these. */
const FANS: readonly Parameter[] = [
  { name: 'fanIn', initial: '', unset: 'ofShape' },
  { name: 'fanOut', initial: '', unset: 'ofShape' },
  { name: 'inAxis', initial: '', unset: 'byLayout', list: true },
  { name: 'outAxis', initial: '', unset: 'byLayout', list: true },
  { name: 'batchAxis', initial: '', list: true },
  { name: 'lowRank', initial: '', words: ['', 'size', 'root'] },
]

/** The rows that `zeroRows` makes 0 of any strategy. */
export const ROWS: Parameter = { name: 'rows', initial: '', list: true }

const MODES = ['fanIn', 'fanOut', 'fanAvg', 'fanGeoAvg']
const scaled = (mode: string) => ({
  group: 'scaled' as const,
  parameters: [p('gain', '1'), p('mode', mode, MODES)],
})

export const CATALOGUE = {
  heNormal: scaled('fanIn'),
  heUniform: scaled('fanIn'),
  heTruncatedNormal: scaled('fanIn'),
  xavierNormal: scaled('fanAvg'),
  xavierUniform: scaled('fanAvg'),
  xavierTruncatedNormal: scaled('fanAvg'),
  lecunNormal: scaled('fanIn'),
  lecunUniform: scaled('fanIn'),
  lecunTruncatedNormal: scaled('fanIn'),
  varianceScaling: {
    group: 'scaled',
    parameters: [
      p('scale', '1'),
      p('mode', 'fanIn', MODES),
      p('distribution', 'truncatedNormal', ['normal', 'truncatedNormal', 'uniform']),
      p('gain', '1'),
    ],
  },
  normal: { group: 'plain', parameters: [p('mean', '0'), p('std', '1')] },
  uniform: { group: 'plain', parameters: [p('low', '0'), p('high', '1')] },
  truncatedNormal: {
    group: 'plain',
    parameters: [p('mean', '0'), p('std', '1'), p('low'), p('high'), p('sigmas')],
  },
  residualNormal: { group: 'plain', parameters: [p('std', '0.02'), p('layers', '12')] },
  constant: { group: 'plain', parameters: [p('value', '0.5')] },
  zeros: { group: 'plain', parameters: [] },
  ones: { group: 'plain', parameters: [] },
  orthogonal: { group: 'matrices', parameters: [p('gain', '1'), p('axis')] },
  deltaOrthogonal: {
    group: 'matrices',
    parameters: [p('gain', '1'), p('centre', 'lower', ['lower', 'upper'])],
    shape: '64, 64, 3, 3',
  },
  sparse: { group: 'matrices', parameters: [p('sparsity', '0.5'), p('std', '0.01')] },
  identity: { group: 'places', parameters: [p('gain', '1')] },
  dirac: {
    group: 'places',
    parameters: [p('groups', '1'), p('centre', 'upper', ['upper', 'lower'])],
    shape: '64, 64, 3, 3',
  },
  bilinear: { group: 'places', parameters: [], shape: '64, 64, 4, 4' },
  forgetGateBias: {
    group: 'places',
    parameters: [p('value', '1'), p('gates', '4'), p('gate', '1')],
    shape: '1024',
  },
  sinusoidal: {
    group: 'places',
    parameters: [p('max', '10000'), p('arrangement', 'interleaved', ['interleaved', 'halves'])],
  },
  arange: { group: 'places', parameters: [p('start', '0'), p('step', '1'), p('axis', '-1')] },
  stft: {
    group: 'places',
    parameters: [
      p('side', 'real', ['real', 'imag']),
      p('window', 'hann', ['hann', 'hamming', 'none']),
      p('scaling', 'density', ['density', 'spectrum', 'none']),
    ],
    shape: '256, 1, 129',
  },
  logArange: { group: 'sequences', parameters: [p('start', '1'), p('step', '1'), p('axis', '-1')] },
  logUniform: { group: 'sequences', parameters: [p('low', '0.001'), p('high', '0.1')] },
  logOfUniform: { group: 'sequences', parameters: [p('low', '1'), p('high', '16')] },
  mambaDtBias: {
    group: 'sequences',
    parameters: [p('low', '0.001'), p('high', '0.1'), p('floor', '0.0001')],
  },
  griffinRecurrence: { group: 'sequences', parameters: [p('low', '0.9'), p('high', '0.999')] },
} as const satisfies Readonly<
  Record<string, { group: Group; parameters: readonly Parameter[]; shape?: string }>
>

export type StrategyName = keyof typeof CATALOGUE
export const NAMES = Object.keys(CATALOGUE) as StrategyName[]

export function entryOf(name: StrategyName): {
  group: Group
  parameters: readonly Parameter[]
  /** Those that few ask for. */
  more: readonly Parameter[]
  shape?: string
} {
  const entry = CATALOGUE[name]
  return { ...entry, more: [...(entry.group === 'scaled' ? FANS : []), ROWS] }
}
