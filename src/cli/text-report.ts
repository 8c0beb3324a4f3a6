/** What people read: tables and sentences. */

import type { estimatePeakMemory } from './peak-memory.ts'
import type { Distribution, Strategy } from '../index.ts'
import { getDeterministicFormula } from '../distributions/deterministic.ts'
import { listTensorInfo, type Plan } from '../models/index.ts'
import type { InitResult, TensorGroup, VerifyResult } from '../node/index.ts'
import { formatInteger, formatNumber } from '../numeric/format-number.ts'

/** A strategy as it would be called. */
export function formatStrategy(strategy: Strategy): string {
  const { type, ...fields } = strategy
  const list = Object.entries(fields).map(([key, value]) => `${key}: ${formatField(value)}`)
  return list.length === 0 ? `${type}()` : `${type}({ ${list.join(', ')} })`
}

function formatField(value: unknown): string {
  if (typeof value === 'number') return formatNumber(value)
  if (Array.isArray(value)) return `[${value.join(', ')}]`
  return typeof value === 'object' ? formatStrategy(value as Strategy) : `'${value}'`
}

/** A distribution as in a paper; one that is computed by its name. */
function formatDistribution(distribution: Distribution): string {
  switch (distribution.type) {
    case 'constant':
      return formatNumber(distribution.value)
    case 'normal':
      return `N(${formatNumber(distribution.mean)}, ${formatNumber(distribution.std)})`
    case 'uniform':
      return `U(${formatNumber(distribution.low)}, ${formatNumber(distribution.high)})`
    case 'truncatedNormal': {
      const { mean, std, low = -Infinity, high = Infinity } = distribution
      return `N(${formatNumber(mean)}, ${formatNumber(std)}) in [${formatNumber(low)}, ${formatNumber(high)}]`
    }
    case 'zeroRows':
      return `${formatDistribution(distribution.of)}, 0 in ${formatInteger(distribution.rows.length)} of ${formatInteger(distribution.height)} rows`
    default:
      return distribution.type
  }
}

/** The std that is wanted; of elements that are a formula of their place, none is. */
function formatStd(distribution: Distribution, std: number): string {
  return getDeterministicFormula(distribution) ? '' : formatNumber(std)
}

type Row = readonly string[]

/** Columns as wide as their widest cell; those of numbers to the right. */
export function formatTable(head: Row, rows: readonly Row[]): string {
  return [...formatTableLines(head, () => rows)].join('\n')
}

/** The lines of a table. The rows are asked for twice, and not kept. */
export function* formatTableLines(head: Row, rows: () => Iterable<Row>): Generator<string> {
  const widths = head.map((cell) => cell.length)
  const right = head.map(() => true)
  let empty = true
  for (const row of rows()) {
    empty = false
    for (const [i, cell] of row.entries()) {
      widths[i] = Math.max(widths[i], cell.length)
      right[i] &&= /^[\d.,e+-]*$/.test(cell)
    }
  }
  const line = (row: Row) =>
    row
      .map((cell, i) => (right[i] && !empty ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd()
  yield `  ${line(head)}`
  for (const row of rows()) yield `  ${line(row)}`
}

/** Megabytes, rounded up. */
const toMegabytes = (bytes: number) => Math.ceil(bytes / 1e6)

type MemoryEstimate = ReturnType<typeof estimatePeakMemory>

/** Every tensor, and the files; where there are several, of each tensor the number of its file. */
export function* reportPlan(
  plan: Plan,
  { seed, peakMemory, matrixMemory, ...auxFiles }: { seed: string } & MemoryEstimate & AuxFileSummary,
): Generator<string> {
  const numbers = new Map(plan.files.map(({ name }, i) => [name, String(i + 1)]))
  const several = plan.files.length > 1
  const head = ['tensor', 'shape', 'strategy', 'distribution', 'std', 'fan in', 'fan out', 'bytes']
  const rows = function* (): Generator<Row> {
    for (const t of listTensorInfo(plan)) {
      yield [
        t.name,
        t.shape.join(' x '),
        formatStrategy(t.strategy),
        formatDistribution(t.distribution),
        formatStd(t.distribution, t.std),
        t.fanIn === null ? '' : formatInteger(t.fanIn),
        t.fanOut === null ? '' : formatInteger(t.fanOut),
        formatInteger(t.bytes),
        ...(several ? [numbers.get(t.file)!] : []),
      ]
    }
  }
  yield formatHeading(plan, seed)
  yield ''
  yield* formatTableLines(several ? [...head, 'file'] : head, rows)
  yield ''
  for (const { name, bytes } of plan.files) yield `  ${name}  ${formatInteger(bytes)} bytes`
  yield* reportAuxFiles(auxFiles)
  const matrix =
    matrixMemory > 0
      ? `, of which ${toMegabytes(matrixMemory)} for the largest matrix that is made whole`
      : ''
  yield `  at most ${toMegabytes(peakMemory)} MB of memory${matrix}; nothing has been written`
}

/** What becomes of the tokenizer files and the like that are beside the config. */
type AuxFileSummary = Pick<InitResult, 'copied' | 'leftOut'>

function* reportAuxFiles({ copied, leftOut }: AuxFileSummary): Generator<string> {
  if (copied.length > 0) yield `  copied: ${copied.join(', ')}`
  if (leftOut.length > 0) {
    yield `  not copied, since they lead out of the folder or are no such files: ${leftOut.join(', ')}`
  }
}

export function reportInit(result: InitResult): string {
  const { plan, out, status, files, missing, rank, worldSize, kinds, seconds, seed } = result
  const lines = [formatHeading(plan, seed)]
  if (status === 'complete') {
    lines.push(`${out} holds all of it, with the right digests: nothing to do (${seconds.toFixed(2)} s)`)
    return lines.join('\n')
  }
  if (kinds.length > 0) lines.push('', formatGroups(kinds), '')
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  for (const { name, bytes, sha256 } of files)
    lines.push(`  ${out}/${name}  ${formatInteger(bytes)} bytes  sha256 ${sha256}`)
  lines.push(...reportAuxFiles(result))
  if (status === 'partial') {
    const rest = missing.length === 1 ? '1 file is' : `${missing.length} files are`
    lines.push(`  the share of rank ${rank} of ${worldSize} is done; ${rest} still to be written by others`)
  }
  const rate = (bytes / 1e6 / seconds).toFixed(0)
  const verb = status === 'continued' ? 'completed' : 'written'
  lines.push(
    `  ${verb} in ${seconds.toFixed(2)} s, ${rate} MB/s, ${result.backend} on ${result.threads} thread${result.threads > 1 ? 's' : ''}`,
  )
  return lines.join('\n')
}

function formatGroups(kinds: readonly TensorGroup[]): string {
  return formatTable(
    ['kind', 'tensors', 'strategy', 'wanted std', 'measured std'],
    kinds.map((k) => [
      k.pattern,
      formatInteger(k.tensors),
      formatStrategy(k.strategy),
      formatStd(k.distribution, k.wantedStd),
      formatNumber(k.measuredStd),
    ]),
  )
}

function formatHeading(plan: Plan, seed: string): string {
  const tensors = plan.files.reduce((sum, file) => sum + file.tensors.length, 0)
  const recipe = typeof plan.recipe === 'string' ? `recipe ${plan.recipe}` : 'a recipe of your own'
  const assumed = plan.architectureInferred ? ' (assumed: the config names no class)' : ''
  const layers = `${plan.layers} layer${plan.layers === 1 ? '' : 's'}`
  return `${plan.architecture}${assumed}: ${layers}, ${tensors} tensors, ${formatInteger(plan.parameters)} parameters, ${plan.dtype}, ${recipe}, seed ${JSON.stringify(seed)}`
}

export function reportVerify(
  folder: string,
  { differences, tensors, bytes, seconds }: VerifyResult,
  sample?: number,
): string {
  if (differences.length === 0) {
    const what = sample ? `the ${sample} blocks looked at are` : 'every byte is'
    return `${folder}: ${tensors} tensors, ${formatInteger(bytes)} bytes: ${what} as the manifest says (${seconds.toFixed(2)} s)`
  }
  return differences.map(({ file, reason }) => `${folder}/${file}: ${reason}`).join('\n')
}
