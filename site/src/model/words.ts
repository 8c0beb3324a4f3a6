/** Numbers and problems, as a person reads them. */

import { language } from '../i18n.ts'
import type { Problem } from './problem.ts'
import { t } from './texts.ts'

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

export function count(n: number): string {
  return n.toLocaleString(language.value)
}

/** In decimal units, as disks and the command have them. */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1]
  const digits = unit === 0 || value >= 100 ? 0 : 1
  return `${value.toFixed(digits)} ${unit === 0 ? t().bytes : UNITS[unit]}`
}

/** Up to five digits; nothing for NaN. */
export function brief(x: number): string {
  return Number.isNaN(x) ? '' : String(Number(x.toPrecision(5)))
}

/** A sentence, and what the library or the browser said, in English. */
export function sentence(problem: Problem): { text: string; said?: string } {
  const said = t()
  switch (problem.code) {
    case 'words':
      return { text: said.words, said: problem.text }
    case 'notJson':
      return { text: said.notJson, said: problem.text }
    case 'configTooLong':
      return { text: said.configTooLong(size(problem.most)) }
    case 'headerTooLong':
      return { text: said.headerTooLong(size(problem.bytes), size(problem.most)) }
    case 'tooManyTensors':
      return { text: said.tooManyTensors(count(problem.most)) }
    case 'noStorage':
      return { text: said.noStorage(size(problem.need), size(problem.most)) }
    case 'noMemory':
      return { text: said.noMemory(size(problem.need), size(problem.most)) }
    case 'exists':
      return { text: said.exists(problem.name) }
    default:
      return { text: said[problem.code] }
  }
}
