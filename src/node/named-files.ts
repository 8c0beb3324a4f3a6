/** The files of a folder that an earlier checkpoint names: in its manifest, or in an index, whoever wrote it. */

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { MANIFEST } from '../models/index.ts'
import { aFileName, listsOf } from './manifest.ts'
import { linesOf, piecesOf } from './pieces.ts'

/** Each once; none if the file cannot be read, or names anything outside its folder. */
export function namesIn(path: string): string[] {
  try {
    const names =
      basename(path) === MANIFEST
        ? listsOf(() => piecesOf(path)).map((file) => (file as { name: unknown }).name)
        : (byLines(path) ?? Object.values(JSON.parse(readFileSync(path, 'utf8')).weight_map))
    return [...new Set(names.map((name) => aFileName(name)))]
  } catch {
    return []
  }
}

/**
 * Of an index with a tensor a line, as the hub's and ours are: it is never in memory as a whole. Undefined if it is not.
 */
function byLines(path: string): unknown[] | undefined {
  const names = new Set<unknown>()
  let rest = ''
  let within = false
  let comma = true // the line before was the first one, or ended with one
  try {
    for (const line of linesOf(piecesOf(path))) {
      if (!within) {
        within = line === '  "weight_map": {'
        rest += within ? '"weight_map": 0' : line
      } else if (line.startsWith('    ') && comma) {
        comma = line.endsWith(',')
        for (const name of Object.values(JSON.parse(`{${comma ? line.slice(0, -1) : line}}`))) names.add(name)
      } else if (line.startsWith('  }') && !comma) {
        within = false
        rest += line.slice(3)
      } else return undefined
    }
    return JSON.parse(rest).weight_map === 0 ? [...names] : undefined
  } catch {
    return undefined // to be read at once, which tells what it is
  }
}
