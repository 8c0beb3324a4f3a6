/** Formats numbers and problems. */

import { language } from '../i18n.ts'
import type { Problem } from './problem.ts'
import { t } from './texts.ts'

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

export function formatCount(n: number): string {
  return n.toLocaleString(language.value)
}

/** In decimal units, as the command line uses them. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1]
  const digits = unit === 0 || value >= 100 ? 0 : 1
  return `${value.toFixed(digits)} ${unit === 0 ? t().bytes : UNITS[unit]}`
}

/** At most five significant digits; empty for NaN. */
export function formatNumber(x: number): string {
  return Number.isNaN(x) ? '' : String(Number(x.toPrecision(5)))
}

/** A sentence in the language of the page, and the English message of the library or the browser. */
export function describeProblem(problem: Problem): { text: string; original?: string } {
  const texts = t()
  switch (problem.code) {
    case 'message':
      return { text: texts.message, original: problem.text }
    case 'notJson':
      return { text: texts.notJson, original: problem.text }
    case 'configTooLong':
      return { text: texts.configTooLong(formatBytes(problem.max)) }
    case 'headerTooLong':
      return { text: texts.headerTooLong(formatBytes(problem.bytes), formatBytes(problem.max)) }
    case 'tooManyTensors':
      return { text: texts.tooManyTensors(formatCount(problem.max)) }
    case 'noStorage':
      return { text: texts.noStorage(formatBytes(problem.needed), formatBytes(problem.max)) }
    case 'noMemory':
      return { text: texts.noMemory(formatBytes(problem.needed), formatBytes(problem.max)) }
    case 'exists':
      return { text: texts.exists(problem.name) }
    default:
      return { text: texts[problem.code] }
  }
}
