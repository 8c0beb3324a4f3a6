/**
 * Generates PyTorch code for a tensor of the same distribution. Comments explain differences. Values are drawn in float32
 * and rounded once, as here, because some initializers of PyTorch do not accept narrower dtypes.
 */

import type { TensorRequest } from '../form-state.ts'
import {
  findRowAxis,
  isRandom,
  isPositional,
  moveAxis,
  matchesShapeFans,
  getExplicitAxis,
  convertShape,
  formatTuple,
  type VarianceScalingFields,
} from './common.ts'

const DTYPES = {
  bf16: 'torch.bfloat16',
  f16: 'torch.float16',
  f8_e4m3: 'torch.float8_e4m3fn',
  f8_e5m2: 'torch.float8_e5m2',
}

export function generateTorchCode(request: TensorRequest): string {
  const { dtype, seed } = request
  const { shape, isTransposed } = convertShape(request, 'oi')
  const body = generateBody(request, shape)
  const lines = [
    ...(body.some((line) => line.includes('math.')) ? ['import math'] : []),
    'import torch',
    'from torch import nn',
    '',
    ...(isRandom(request) ? [formatSeedLine(seed)] : []),
    ...(isTransposed ? ['# the axes in the order of PyTorch: [out, in, ...kernel]'] : []),
    ...body,
    ...(request.rows.length > 0
      ? [`w[${':, '.repeat(findRowAxis(request, 'oi'))}[${request.rows.join(', ')}]] = 0`]
      : []),
    ...(dtype === 'f32' ? [] : [`w = w.to(${DTYPES[dtype]})`]),
  ]
  return `${lines.join('\n')}\n`
}

function formatSeedLine(seed: TensorRequest['seed']): string {
  return typeof seed === 'number'
    ? `torch.manual_seed(${seed})  # a different generator: different values of the same distribution`
    : '# torch.manual_seed takes only integers; its generator gives different values anyway'
}

function generateBody(request: TensorRequest, shape: readonly number[]): string[] {
  const { strategy: s, options } = request
  const empty = `w = torch.empty(${formatTuple(shape)})`
  switch (s.type) {
    case 'varianceScaling':
      return [empty, ...formatVarianceScaling(request, s)]
    case 'zeros':
    case 'ones':
      return [empty, `nn.init.${s.type}_(w)`]
    case 'constant':
      return [empty, `nn.init.constant_(w, ${s.value})`]
    case 'normal':
      return [empty, `nn.init.normal_(w, mean=${s.mean}, std=${s.std})`]
    case 'uniform':
      return [empty, `nn.init.uniform_(w, ${s.low}, ${s.high})`]
    case 'residualNormal':
      return [empty, `nn.init.normal_(w, std=${s.std} / math.sqrt(2 * ${s.layers}))`]
    case 'truncatedNormal': {
      if (s.std === 0) return [empty, `nn.init.constant_(w, ${s.mean})`]
      if (s.low === undefined && s.high === undefined) {
        return [
          empty,
          `nn.init.normal_(w, mean=${s.mean}, std=${s.std})  # without bounds nothing is truncated`,
        ]
      }
      const [a, b] = [s.low ?? '-math.inf', s.high ?? 'math.inf']
      const wide = options.sigmas === undefined ? '' : '  # a and b are absolute, not standard deviations'
      return [empty, `nn.init.trunc_normal_(w, mean=${s.mean}, std=${s.std}, a=${a}, b=${b})${wide}`]
    }
    case 'orthogonal': {
      const axis = getExplicitAxis(request) ?? 0
      if (axis === 0) return [empty, `nn.init.orthogonal_(w, gain=${s.gain})`]
      return [
        '# orthogonal_ treats the first axis as the rows',
        `w = nn.init.orthogonal_(torch.empty(${formatTuple(moveAxis(shape, axis, 0))}), gain=${s.gain})`,
        `w = w.movedim(0, ${axis})`,
      ]
    }
    case 'deltaOrthogonal': {
      const [out, into, ...kernel] = shape
      const center = kernel.map((k) => Math.floor((s.center === 'upper' ? k : k - 1) / 2))
      return [
        '# torch.nn.init has no equivalent; by hand:',
        `w = torch.zeros(${formatTuple(shape)})`,
        `w[:, :, ${center.join(', ')}] = nn.init.orthogonal_(torch.empty(${out}, ${into}), gain=${s.gain})`,
      ]
    }
    case 'sparse':
      return [empty, `nn.init.sparse_(w, sparsity=${s.sparsity}, std=${s.std})`]
    case 'identity':
      return [empty, `nn.init.eye_(w)`, ...(s.gain === 1 ? [] : [`w *= ${s.gain}`])]
    case 'dirac': {
      const even = shape.slice(2).some((k) => k % 2 === 0) && s.center === 'lower'
      return [
        empty,
        `nn.init.dirac_(w, groups=${s.groups})`,
        ...(even ? ['# in kernels of even size its center is the upper one'] : []),
      ]
    }
    case 'forgetGateBias': {
      const part = shape[0] / s.gates
      return [`w = torch.zeros(${shape[0]})`, `w[${part * s.gate}:${part * (s.gate + 1)}] = ${s.value}`]
    }
    case 'logUniform':
      return [empty, `w.uniform_(math.log(${s.low}), math.log(${s.high})).exp_()`]
    case 'logOfUniform':
      return [empty, `w.uniform_(${s.low}, ${s.high}).log_()`]
    case 'mambaDtBias':
      return [
        `dt = torch.empty(${formatTuple(shape)}).uniform_(math.log(${s.low}), math.log(${s.high})).exp_()`,
        `dt = dt.clamp_(min=${s.floor})`,
        'w = dt + torch.log(-torch.expm1(-dt))  # its softplus is dt',
      ]
    case 'griffinRecurrence':
      return [
        `u = torch.empty(${formatTuple(shape)}).uniform_(${s.low}**2 + 1e-8, ${s.high}**2 + 1e-8)`,
        'w = (u.rsqrt() - 1).log_()',
      ]
    default:
      return [
        isPositional(request)
          ? '# torch.nn.init has no such initializer: the values are a formula of their position'
          : '# torch.nn.init has no such initializer',
        empty,
      ]
  }
}

function formatVarianceScaling(
  request: TensorRequest,
  { scale, mode, distribution, gain }: VarianceScalingFields,
): string[] {
  const fan = { fanIn: 'fan_in', fanOut: 'fan_out', fanAvg: '', fanGeoAvg: '' }[mode]
  const sameFans = matchesShapeFans(request, 'oi')
  if (sameFans && distribution !== 'truncatedNormal') {
    if (mode === 'fanAvg' && scale === 1) return [`nn.init.xavier_${distribution}_(w, gain=${gain})`]
    if (fan && gain === 1 && (scale === 1 || scale === 2)) {
      const follows = scale === 2 ? 'relu' : 'linear'
      return [`nn.init.kaiming_${distribution}_(w, mode='${fan}', nonlinearity='${follows}')`]
    }
  }
  const std = `${gain === 1 ? '' : `${gain} * `}math.sqrt(${scale} / ${formatFan(mode, request.fans)})`
  const why = sameFans
    ? 'torch.nn.init has no initializer with this combination'
    : 'torch.nn.init computes fans from shapes only'
  switch (distribution) {
    case 'normal':
      return [`std = ${std}  # ${why}`, 'nn.init.normal_(w, std=std)']
    case 'uniform':
      return [`bound = math.sqrt(3) * ${std}  # ${why}`, 'nn.init.uniform_(w, -bound, bound)']
    case 'truncatedNormal':
      return [
        '# xavier_normal_ and kaiming_normal_ do not truncate; this does, and widens to keep the std',
        `std = ${std} / 0.87962566103423978`,
        'nn.init.trunc_normal_(w, std=std, a=-2 * std, b=2 * std)',
      ]
  }
}

/** The fan of a mode as an expression. */
function formatFan(
  mode: VarianceScalingFields['mode'],
  { fanIn: into, fanOut: out }: TensorRequest['fans'],
): string {
  switch (mode) {
    case 'fanIn':
      return String(into)
    case 'fanOut':
      return String(out)
    case 'fanAvg':
      return `((${into} + ${out}) / 2)`
    case 'fanGeoAvg':
      return `math.sqrt(${into} * ${out})`
  }
}
