/** What people read: tables and sentences. */

import type { peakMemory } from './memory.ts'
import type { Distribution, Strategy } from '../index.ts'
import { formulaFor } from '../inspect/fixed.ts'
import { described, type Plan } from '../models/index.ts'
import type { InitResult, Kind, VerifyResult } from '../node/index.ts'

/** A whole number in groups of three digits: 124,439,808. Intl would take as long to start as half of our modules. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** Up to six significant digits, without trailing zeros. */
export function short(x: number): string {
  return String(Number(x.toPrecision(6)))
}

/** A strategy as it would be called. */
export function call(strategy: Strategy): string {
  const { type, ...fields } = strategy
  const list = Object.entries(fields).map(([key, value]) => `${key}: ${field(value)}`)
  return list.length === 0 ? `${type}()` : `${type}({ ${list.join(', ')} })`
}

function field(value: unknown): string {
  if (typeof value === 'number') return short(value)
  if (Array.isArray(value)) return `[${value.join(', ')}]`
  return typeof value === 'object' ? call(value as Strategy) : `'${value}'`
}

/** A distribution as in a paper; one that is computed by its name. */
function law(distribution: Distribution): string {
  switch (distribution.type) {
    case 'constant':
      return short(distribution.value)
    case 'normal':
      return `N(${short(distribution.mean)}, ${short(distribution.std)})`
    case 'uniform':
      return `U(${short(distribution.low)}, ${short(distribution.high)})`
    case 'truncatedNormal': {
      const { mean, std, low = -Infinity, high = Infinity } = distribution
      return `N(${short(mean)}, ${short(std)}) in [${short(low)}, ${short(high)}]`
    }
    case 'zeroRows':
      return `${law(distribution.of)}, 0 in ${grouped(distribution.rows.length)} of ${grouped(distribution.height)} rows`
    default:
      return distribution.type
  }
}

/** The std that is wanted; of elements that are a formula of their place, none is. */
function stdOf(distribution: Distribution, std: number): string {
  return formulaFor(distribution) ? '' : short(std)
}

type Row = readonly string[]

/** Columns as wide as their widest cell; those of numbers to the right. */
export function table(head: Row, rows: readonly Row[]): string {
  return [...tableLines(head, () => rows)].join('\n')
}

/** The lines of a table. The rows are asked for twice, and not kept. */
export function* tableLines(head: Row, rows: () => Iterable<Row>): Generator<string> {
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
const MB = (bytes: number) => Math.ceil(bytes / 1e6)

type Memory = ReturnType<typeof peakMemory>

/** Every tensor, and the files; where there are several, of each tensor the number of its file. */
export function* reportPlan(
  plan: Plan,
  { seed, peakMemory, matrixMemory, ...beside }: { seed: string } & Memory & Beside,
): Generator<string> {
  const numbers = new Map(plan.files.map(({ name }, i) => [name, String(i + 1)]))
  const several = plan.files.length > 1
  const head = ['tensor', 'shape', 'strategy', 'distribution', 'std', 'fan in', 'fan out', 'bytes']
  const rows = function* (): Generator<Row> {
    for (const t of described(plan)) {
      yield [
        t.name,
        t.shape.join(' x '),
        call(t.strategy),
        law(t.distribution),
        stdOf(t.distribution, t.std),
        t.fanIn === null ? '' : grouped(t.fanIn),
        t.fanOut === null ? '' : grouped(t.fanOut),
        grouped(t.bytes),
        ...(several ? [numbers.get(t.file)!] : []),
      ]
    }
  }
  yield heading(plan, seed)
  yield ''
  yield* tableLines(several ? [...head, 'file'] : head, rows)
  yield ''
  for (const { name, bytes } of plan.files) yield `  ${name}  ${grouped(bytes)} bytes`
  yield* reportBeside(beside)
  const matrix =
    matrixMemory > 0 ? `, of which ${MB(matrixMemory)} for the largest matrix that is made whole` : ''
  yield `  at most ${MB(peakMemory)} MB of memory${matrix}; nothing has been written`
}

/** What becomes of the tokenizer files and the like that are beside the config. */
type Beside = Pick<InitResult, 'copied' | 'leftOut'>

function* reportBeside({ copied, leftOut }: Beside): Generator<string> {
  if (copied.length > 0) yield `  copied: ${copied.join(', ')}`
  if (leftOut.length > 0) {
    yield `  not copied, since they lead out of the folder or are no such files: ${leftOut.join(', ')}`
  }
}

export function reportInit(result: InitResult): string {
  const { plan, out, status, files, missing, rank, worldSize, kinds, seconds, seed } = result
  const lines = [heading(plan, seed)]
  if (status === 'complete') {
    lines.push(`${out} holds all of it, with the right digests: nothing to do (${seconds.toFixed(2)} s)`)
    return lines.join('\n')
  }
  if (kinds.length > 0) lines.push('', kindsTable(kinds), '')
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  for (const { name, bytes, sha256 } of files)
    lines.push(`  ${out}/${name}  ${grouped(bytes)} bytes  sha256 ${sha256}`)
  lines.push(...reportBeside(result))
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

function kindsTable(kinds: readonly Kind[]): string {
  return table(
    ['kind', 'tensors', 'strategy', 'wanted std', 'measured std'],
    kinds.map((k) => [
      k.pattern,
      grouped(k.tensors),
      call(k.strategy),
      stdOf(k.distribution, k.wantedStd),
      short(k.measuredStd),
    ]),
  )
}

function heading(plan: Plan, seed: string): string {
  const tensors = plan.files.reduce((sum, file) => sum + file.tensors.length, 0)
  const recipe = typeof plan.recipe === 'string' ? `recipe ${plan.recipe}` : 'a recipe of your own'
  const assumed = plan.assumed ? ' (assumed: the config names no class)' : ''
  const layers = `${plan.layers} layer${plan.layers === 1 ? '' : 's'}`
  return `${plan.architecture}${assumed}: ${layers}, ${tensors} tensors, ${grouped(plan.parameters)} parameters, ${plan.dtype}, ${recipe}, seed ${JSON.stringify(seed)}`
}

export function reportVerify(
  folder: string,
  { differences, tensors, bytes, seconds }: VerifyResult,
  sample?: number,
): string {
  if (differences.length === 0) {
    const what = sample ? `the ${sample} blocks looked at are` : 'every byte is'
    return `${folder}: ${tensors} tensors, ${grouped(bytes)} bytes: ${what} as the manifest says (${seconds.toFixed(2)} s)`
  }
  return differences.map(({ file, reason }) => `${folder}/${file}: ${reason}`).join('\n')
}
