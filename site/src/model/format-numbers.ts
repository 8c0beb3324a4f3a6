/** Numbers and problems, as a person reads them. */

import { language } from '../i18n.ts'
import type { Problem } from './problem.ts'
import { t } from './texts.ts'

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

export function formatCount(n: number): string {
  return n.toLocaleString(language.value)
}

/** In decimal units, as disks and the command have them. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1]
  const digits = unit === 0 || value >= 100 ? 0 : 1
  return `${value.toFixed(digits)} ${unit === 0 ? t().bytes : UNITS[unit]}`
}

/** Up to five digits; nothing for NaN. */
export function formatNumber(x: number): string {
  return Number.isNaN(x) ? '' : String(Number(x.toPrecision(5)))
}

/** A sentence, and what the library or the browser said, in English. */
export function describeProblem(problem: Problem): { text: string; said?: string } {
  const said = t()
  switch (problem.code) {
    case 'words':
      return { text: said.words, said: problem.text }
    case 'notJson':
      return { text: said.notJson, said: problem.text }
    case 'configTooLong':
      return { text: said.configTooLong(formatBytes(problem.most)) }
    case 'headerTooLong':
      return { text: said.headerTooLong(formatBytes(problem.bytes), formatBytes(problem.most)) }
    case 'tooManyTensors':
      return { text: said.tooManyTensors(formatCount(problem.most)) }
    case 'noStorage':
      return { text: said.noStorage(formatBytes(problem.need), formatBytes(problem.most)) }
    case 'noMemory':
      return { text: said.noMemory(formatBytes(problem.need), formatBytes(problem.most)) }
    case 'exists':
      return { text: said.exists(problem.name) }
    default:
      return { text: said[problem.code] }
  }
}
