import { describe, expect, it } from 'vitest'
import {
  deepNormGain,
  depthScaledNormal,
  mupNormal,
  normal,
  residualNormal,
  smallInitNormal,
  subLayerNormGain,
  tFixupGain,
  wangNormal,
  type Strategy,
} from '../../src/index.ts'

const std = (strategy: Strategy) => (strategy.type === 'normal' ? strategy.std : Number.NaN)

describe('standard deviations of transformers', () => {
  it('equal those of GPT-NeoX 20B: 6144 wide, 44 layers', () => {
    expect(std(smallInitNormal({ width: 6144 }))).toBeCloseTo(0.008068715305, 12)
    expect(std(wangNormal({ width: 6144, layers: 44 }))).toBeCloseTo(0.0005798981399, 13)
  })

  it('decrease with depth: the last of 12 layers has that of the residual projections of GPT-2', () => {
    expect(std(depthScaledNormal({ layer: 11 }))).toBeCloseTo(0.004082482905, 12)
    expect(std(depthScaledNormal({ layer: 0, std: 1 }))).toBe(1 / Math.sqrt(2))
    expect(residualNormal({ std: 0.02, layers: 12 })).toEqual({
      type: 'residualNormal',
      std: 0.02,
      layers: 12,
    })
  })

  it('decrease with width: half at four times the width', () => {
    expect(mupNormal({ std: 0.02, width: 1024, baseWidth: 256 })).toEqual(normal({ std: 0.01 }))
    expect(std(mupNormal({ width: 256, baseWidth: 256 }))).toBe(0.02)
  })
})

describe('gains', () => {
  it('of DeepNorm divide by 3.7224 in a decoder of 24 layers', () => {
    expect(1 / deepNormGain({ layers: 24 })).toBeCloseTo(3.7224, 4)
    const both = { encoderLayers: 6, decoderLayers: 8 }
    expect(deepNormGain({ ...both, stack: 'decoder' })).toBeCloseTo(96 ** -0.25, 14)
    expect(deepNormGain({ ...both, stack: 'encoder' })).toBeCloseTo(1.15 * (6 ** 4 * 8) ** -0.0625, 14)
  })

  it('of Sub-LN grow with the logarithm of the depth', () => {
    expect(subLayerNormGain({ layers: 24 })).toBeCloseTo(Math.sqrt(Math.log(48)), 14)
    const both = { encoderLayers: 6, decoderLayers: 8 }
    expect(subLayerNormGain({ ...both, stack: 'decoder' })).toBeCloseTo(Math.sqrt(Math.log(24)), 14)
    expect(subLayerNormGain({ ...both, stack: 'encoder' })).toBeCloseTo(
      Math.sqrt((Math.log(24) * Math.log(12)) / 3),
      14,
    )
  })

  it('of T-Fixup are those of its paper', () => {
    expect(tFixupGain({ layers: 6, stack: 'decoder' })).toBeCloseTo(54 ** -0.25, 14)
    expect(tFixupGain({ layers: 6, stack: 'encoder' })).toBeCloseTo(0.67 * 6 ** -0.25, 14)
  })
})

it.each([
  [() => smallInitNormal({ width: 0 }), '"width" must be a safe integer >= 1; received 0'],
  [() => wangNormal({ width: 8 } as never), '"layers" must be a safe integer >= 1; received undefined'],
  [() => depthScaledNormal({ layer: -1 }), '"layer" must be a safe integer >= 0; received -1'],
  [
    () => deepNormGain({ layers: 2, stack: 'encoder' }),
    '"layers" cannot be combined with "encoderLayers", "decoderLayers" or "stack"',
  ],
  [
    () => deepNormGain({ encoderLayers: 2, decoderLayers: 2 }),
    `"stack" must be one of 'encoder', 'decoder'; received undefined`,
  ],
  [
    () => tFixupGain({ layers: 2, stack: 'middle' as never }),
    `"stack" must be one of 'encoder', 'decoder'; received "middle"`,
  ],
])('%s throws a descriptive error', (make, message) => {
  expect(make).toThrow(message)
})
