/** What people read: tables and sentences. */

import type { Strategy } from '../index.ts'
import { describe, type Plan } from '../models/index.ts'
import type { InitResult, Kind, VerifyResult } from '../node/index.ts'

type Described = ReturnType<typeof describe>[number]

/** A number with thin groups of three digits: 124,439,808. */
export function grouped(n: number): string {
  return n.toLocaleString('en-US')
}

/** Up to six significant digits, without trailing zeros. */
export function short(x: number): string {
  return String(Number(x.toPrecision(6)))
}

/** A strategy as it would be called. */
export function call(strategy: Strategy): string {
  const { type, ...fields } = strategy
  const list = Object.entries(fields).map(([key, value]) => {
    return `${key}: ${typeof value === 'number' ? short(value) : `'${value}'`}`
  })
  return list.length === 0 ? `${type}()` : `${type}({ ${list.join(', ')} })`
}

/** Columns as wide as their widest cell; those of numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, i) => all.reduce((most, row) => Math.max(most, row[i].length), 0))
  const right = head.map((_, i) => rows.length > 0 && rows.every((row) => /^[\d.,e+-]*$/.test(row[i])))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (right[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd()
  return all.map((row) => `  ${line(row)}`).join('\n')
}

export function reportPlan(plan: Plan, seed: string, peakMemory: number): string {
  const rows = describe(plan).map((t: Described) => [
    t.name,
    t.shape.join(' x '),
    call(t.strategy),
    short(t.std),
    t.fanIn === null ? '' : grouped(t.fanIn),
    t.fanOut === null ? '' : grouped(t.fanOut),
    grouped(t.bytes),
  ])
  return [
    heading(plan, seed),
    '',
    table(['tensor', 'shape', 'strategy', 'std', 'fan in', 'fan out', 'bytes'], rows),
    '',
    ...plan.files.map(({ name, bytes }) => `  ${name}  ${grouped(bytes)} bytes`),
    `  at most ${Math.ceil(peakMemory / 1e6)} MB of memory; nothing has been written`,
  ].join('\n')
}

export function reportInit(result: InitResult): string {
  const { plan, out, status, files, kinds, seconds, seed } = result
  const lines = [heading(plan, seed)]
  if (status === 'complete') {
    lines.push(`${out} holds all of it, with the right digests: nothing to do (${seconds.toFixed(2)} s)`)
    return lines.join('\n')
  }
  if (kinds.length > 0) lines.push('', kindsTable(kinds), '')
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  for (const { name, bytes, sha256 } of files)
    lines.push(`  ${out}/${name}  ${grouped(bytes)} bytes  sha256 ${sha256}`)
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
      short(k.wantedStd),
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
