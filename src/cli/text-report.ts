/** The results of `init` and `verify` as text. */

import type { Distribution } from '../index.ts'
import { getDeterministicFormula } from '../distributions/deterministic.ts'
import { listTensorInfo, type Plan } from '../models/index.ts'
import type { InitResult, TensorGroup, VerifyResult } from '../node/index.ts'
import { formatInteger, formatNumber } from '../numeric/format-number.ts'
import { formatDistribution, formatStrategyCall } from './format-strategy.ts'
import type { MemoryEstimate } from './peak-memory.ts'
import { formatTable } from './table.ts'

/** The tokenizer and similar files of the model's folder, by name. */
type AuxFileNames = Pick<InitResult, 'copied' | 'leftOut'>

const PLAN_COLUMNS = ['tensor', 'shape', 'strategy', 'distribution', 'std', 'fan in', 'fan out', 'bytes']

/** Every tensor and file of a plan. If there are several files, a column has the number of each tensor's file. */
export function reportPlan(
  plan: Plan,
  { seed, peakMemory, matrixMemory, ...auxFiles }: { seed: string } & MemoryEstimate & AuxFileNames,
): string[] {
  const fileNumbers = new Map(plan.files.map(({ name }, i) => [name, String(i + 1)]))
  const hasShards = plan.files.length > 1
  const rows = listTensorInfo(plan).map((tensor) => [
    tensor.name,
    tensor.shape.join(' x '),
    formatStrategyCall(tensor.strategy),
    formatDistribution(tensor.distribution),
    formatStd(tensor.distribution, tensor.std),
    tensor.fanIn === null ? '' : formatInteger(tensor.fanIn),
    tensor.fanOut === null ? '' : formatInteger(tensor.fanOut),
    formatInteger(tensor.bytes),
    ...(hasShards ? [fileNumbers.get(tensor.file)!] : []),
  ])
  const matrix =
    matrixMemory > 0
      ? `, including ${toMegabytes(matrixMemory)} MB for the largest whole-matrix strategy`
      : ''
  return [
    formatHeading(plan, seed),
    '',
    ...formatTable(hasShards ? [...PLAN_COLUMNS, 'file'] : PLAN_COLUMNS, rows),
    '',
    ...plan.files.map(({ name, bytes }) => `  ${name}  ${formatInteger(bytes)} bytes`),
    ...reportAuxFiles(auxFiles),
    `  peak memory at most ${toMegabytes(peakMemory)} MB${matrix}; nothing was written`,
  ]
}

export function reportInit(result: InitResult): string[] {
  const { plan, out, status, files, missing, rank, worldSize, kinds, seconds, seed } = result
  const heading = formatHeading(plan, seed)
  if (status === 'complete') {
    return [heading, `${out} is complete and its digests match; nothing to do (${seconds.toFixed(2)} s)`]
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const rate = (bytes / 1e6 / seconds).toFixed(0)
  const verb = status === 'continued' ? 'completed' : 'written'
  const threads = `${result.threads} thread${result.threads > 1 ? 's' : ''}`
  const count = missing.length === 1 ? '1 file remains' : `${missing.length} files remain`
  return [
    heading,
    ...(kinds.length > 0 ? ['', ...formatGroups(kinds), ''] : []),
    ...files.map(
      ({ name, bytes, sha256 }) => `  ${out}/${name}  ${formatInteger(bytes)} bytes  sha256 ${sha256}`,
    ),
    ...reportAuxFiles(result),
    ...(status === 'partial' ? [`  rank ${rank} of ${worldSize} is done; ${count} for other ranks`] : []),
    `  ${verb} in ${seconds.toFixed(2)} s, ${rate} MB/s, ${result.backend} on ${threads}`,
  ]
}

export function reportVerify(
  folder: string,
  { differences, tensors, bytes, seconds }: VerifyResult,
  sample?: number,
): string[] {
  if (differences.length > 0) {
    return differences.map(({ file, reason }) => `${folder}/${file}: ${reason}`)
  }
  const matches = sample ? `${sample} sampled blocks match the manifest` : 'every byte matches the manifest'
  return [
    `${folder}: ${tensors} tensors, ${formatInteger(bytes)} bytes: ${matches} (${seconds.toFixed(2)} s)`,
  ]
}

function formatHeading(plan: Plan, seed: string): string {
  const tensors = plan.files.reduce((sum, file) => sum + file.tensors.length, 0)
  const recipe = typeof plan.recipe === 'string' ? `recipe ${plan.recipe}` : 'custom recipe'
  const inferred = plan.architectureInferred ? ' (default: the config names no architecture)' : ''
  const layers = `${plan.layers} layer${plan.layers === 1 ? '' : 's'}`
  return `${plan.architecture}${inferred}: ${layers}, ${tensors} tensors, ${formatInteger(plan.parameters)} parameters, ${plan.dtype}, ${recipe}, seed ${JSON.stringify(seed)}`
}

function reportAuxFiles({ copied, leftOut }: AuxFileNames): string[] {
  const lines: string[] = []
  if (copied.length > 0) lines.push(`  copied: ${copied.join(', ')}`)
  if (leftOut.length > 0) {
    const names = leftOut.join(', ')
    lines.push(`  not copied (outside the folder, too large, or not a regular file): ${names}`)
  }
  return lines
}

function formatGroups(groups: readonly TensorGroup[]): string[] {
  return formatTable(
    ['tensors', 'count', 'strategy', 'expected std', 'measured std'],
    groups.map((group) => [
      group.pattern,
      formatInteger(group.tensors),
      formatStrategyCall(group.strategy),
      formatStd(group.distribution, group.wantedStd),
      formatNumber(group.measuredStd),
    ]),
  )
}

/** The standard deviation; empty for deterministic formulas, which have none. */
function formatStd(distribution: Distribution, std: number): string {
  return getDeterministicFormula(distribution) ? '' : formatNumber(std)
}

/** Megabytes, rounded up. */
function toMegabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6)
}
