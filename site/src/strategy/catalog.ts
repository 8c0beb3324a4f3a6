/**
 * The strategies that the page offers, with their parameters. `initial` is the value of an empty field: the default of
 * the library, or an example for a required parameter.
 */

export type Group = 'scaled' | 'plain' | 'matrices' | 'formulas' | 'sequences'

export interface Parameter {
  readonly name: ParameterName
  /** '' if omitting the parameter has a meaning of its own. */
  readonly initial: string
  /** The allowed words, for a parameter that is not a number. */
  readonly choices?: readonly string[]
  /** It accepts several numbers. */
  readonly isList?: true
  /** What an empty field means if `initial` is ''. */
  readonly unset?: 'ofShape' | 'byLayout'
}

export const PARAMETER_NAMES = [
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
  'center',
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
  'inAxes',
  'outAxes',
  'batchAxes',
  'vectorFans',
  'rows',
] as const
export type ParameterName = (typeof PARAMETER_NAMES)[number]

const createParameter = (name: ParameterName, initial = '', words?: readonly string[]): Parameter => ({
  name,
  initial,
  choices: words,
})

/** Parameters of strategies that scale with the fans, for tensors whose layout does not give the fans. */
const FAN_PARAMETERS: readonly Parameter[] = [
  { name: 'fanIn', initial: '', unset: 'ofShape' },
  { name: 'fanOut', initial: '', unset: 'ofShape' },
  { name: 'inAxes', initial: '', unset: 'byLayout', isList: true },
  { name: 'outAxes', initial: '', unset: 'byLayout', isList: true },
  { name: 'batchAxes', initial: '', isList: true },
  { name: 'vectorFans', initial: '', choices: ['', 'size', 'root'] },
]

/** The rows that `zeroRows` sets to 0 in any strategy. */
export const ROWS_PARAMETER: Parameter = { name: 'rows', initial: '', isList: true }

const MODES = ['fanIn', 'fanOut', 'fanAvg', 'fanGeoAvg']
const createScaledEntry = (mode: string) => ({
  group: 'scaled' as const,
  parameters: [createParameter('gain', '1'), createParameter('mode', mode, MODES)],
})

export const CATALOG = {
  heNormal: createScaledEntry('fanIn'),
  heUniform: createScaledEntry('fanIn'),
  heTruncatedNormal: createScaledEntry('fanIn'),
  xavierNormal: createScaledEntry('fanAvg'),
  xavierUniform: createScaledEntry('fanAvg'),
  xavierTruncatedNormal: createScaledEntry('fanAvg'),
  lecunNormal: createScaledEntry('fanIn'),
  lecunUniform: createScaledEntry('fanIn'),
  lecunTruncatedNormal: createScaledEntry('fanIn'),
  varianceScaling: {
    group: 'scaled',
    parameters: [
      createParameter('scale', '1'),
      createParameter('mode', 'fanIn', MODES),
      createParameter('distribution', 'truncatedNormal', ['normal', 'truncatedNormal', 'uniform']),
      createParameter('gain', '1'),
    ],
  },
  normal: { group: 'plain', parameters: [createParameter('mean', '0'), createParameter('std', '1')] },
  uniform: { group: 'plain', parameters: [createParameter('low', '0'), createParameter('high', '1')] },
  truncatedNormal: {
    group: 'plain',
    parameters: [
      createParameter('mean', '0'),
      createParameter('std', '1'),
      createParameter('low'),
      createParameter('high'),
      createParameter('sigmas'),
    ],
  },
  residualNormal: {
    group: 'plain',
    parameters: [createParameter('std', '0.02'), createParameter('layers', '12')],
  },
  constant: { group: 'plain', parameters: [createParameter('value', '0.5')] },
  zeros: { group: 'plain', parameters: [] },
  ones: { group: 'plain', parameters: [] },
  orthogonal: { group: 'matrices', parameters: [createParameter('gain', '1'), createParameter('axis')] },
  deltaOrthogonal: {
    group: 'matrices',
    parameters: [createParameter('gain', '1'), createParameter('center', 'lower', ['lower', 'upper'])],
    shape: '64, 64, 3, 3',
  },
  sparse: {
    group: 'matrices',
    parameters: [createParameter('sparsity', '0.5'), createParameter('std', '0.01')],
  },
  identity: { group: 'formulas', parameters: [createParameter('gain', '1')] },
  dirac: {
    group: 'formulas',
    parameters: [createParameter('groups', '1'), createParameter('center', 'upper', ['upper', 'lower'])],
    shape: '64, 64, 3, 3',
  },
  bilinear: { group: 'formulas', parameters: [], shape: '64, 64, 4, 4' },
  forgetGateBias: {
    group: 'formulas',
    parameters: [createParameter('value', '1'), createParameter('gates', '4'), createParameter('gate', '1')],
    shape: '1024',
  },
  sinusoidal: {
    group: 'formulas',
    parameters: [
      createParameter('max', '10000'),
      createParameter('arrangement', 'interleaved', ['interleaved', 'halves']),
    ],
  },
  arange: {
    group: 'formulas',
    parameters: [createParameter('start', '0'), createParameter('step', '1'), createParameter('axis', '-1')],
  },
  stft: {
    group: 'formulas',
    parameters: [
      createParameter('side', 'real', ['real', 'imag']),
      createParameter('window', 'hann', ['hann', 'hamming', 'none']),
      createParameter('scaling', 'density', ['density', 'spectrum', 'none']),
    ],
    shape: '256, 1, 129',
  },
  logArange: {
    group: 'sequences',
    parameters: [createParameter('start', '1'), createParameter('step', '1'), createParameter('axis', '-1')],
  },
  logUniform: {
    group: 'sequences',
    parameters: [createParameter('low', '0.001'), createParameter('high', '0.1')],
  },
  logOfUniform: {
    group: 'sequences',
    parameters: [createParameter('low', '1'), createParameter('high', '16')],
  },
  mambaDtBias: {
    group: 'sequences',
    parameters: [
      createParameter('low', '0.001'),
      createParameter('high', '0.1'),
      createParameter('floor', '0.0001'),
    ],
  },
  griffinRecurrence: {
    group: 'sequences',
    parameters: [createParameter('low', '0.9'), createParameter('high', '0.999')],
  },
} as const satisfies Readonly<
  Record<string, { group: Group; parameters: readonly Parameter[]; shape?: string }>
>

export type StrategyName = keyof typeof CATALOG
export const STRATEGY_NAMES = Object.keys(CATALOG) as StrategyName[]

export function getEntry(name: StrategyName): {
  group: Group
  parameters: readonly Parameter[]
  /** Parameters that are rarely needed. */
  more: readonly Parameter[]
  shape?: string
} {
  const entry = CATALOG[name]
  return { ...entry, more: [...(entry.group === 'scaled' ? FAN_PARAMETERS : []), ROWS_PARAMETER] }
}
