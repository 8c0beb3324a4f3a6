/**
 * The files that an index names, whoever wrote it: all of them, or none if one is no plain name. An index as Python
 * and this package write it, an entry a line in the order of names, is never in memory as a whole.
 */

import { checkFileName, splitLines } from './read-manifest.ts'

/** Each once. `read` gives the text in pieces, and is called again where it is not as above. Throws if it is no index. */
export function listIndexFiles(read: () => Iterable<string>): string[] {
  return [...new Set(parseByLine(read()) ?? parseWhole([...read()].join('')))]
}

function parseWhole(text: string): string[] {
  return Object.values<unknown>(JSON.parse(text).weight_map).map((name) => checkFileName(name))
}

const ENTRY_PATTERN = /^ {4}("(?:[^"\\]|\\.)*"): ("[^"\\]*")(,?)$/

/**
 * Undefined if the lines are others, or anything is wrong with them. A name that is not after the one before it may be
 * there twice, of which JSON knows the last: that too is for the other reader. So is text after the map, which
 * would be a second one, or tell that this one is not the outermost.
 */
function parseByLine(pieces: Iterable<string>): Set<string> | undefined {
  const files = new Set<string>()
  let rest = ''
  let part: 'before' | 'within' | 'after' = 'before'
  let comma = true // the line before was the first one, or ended with one
  let last: string | undefined
  try {
    for (const line of splitLines(pieces)) {
      const entry: RegExpExecArray | null = part === 'within' && comma ? ENTRY_PATTERN.exec(line) : null
      if (entry) {
        const name: string = JSON.parse(entry[1])
        if (last !== undefined && name <= last) return undefined
        last = name
        files.add(checkFileName(JSON.parse(entry[2]))) // parsed, it does not hold on to the piece that it was cut from
        comma = entry[3] === ','
        continue
      }
      if (part === 'before' && line === '  "weight_map": {') part = 'within'
      else if (part === 'within') {
        if (line !== '  }' || comma) return undefined
        part = 'after'
      } else if (part === 'after' && line !== '}' && line !== '') return undefined
      rest += `${line}\n`
    }
    JSON.parse(rest)
    return part === 'after' ? files : undefined
  } catch {
    return undefined
  }
}
