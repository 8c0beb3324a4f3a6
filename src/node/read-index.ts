/** The files that an index names: all of them, or none if one of the names is not a plain file name. */

import { checkFileName } from './read-manifest.ts'

/** Each file once. Throws if the text is not an index. */
export function listIndexFiles(text: string): string[] {
  const files = Object.values<unknown>(JSON.parse(text).weight_map).map((name) => checkFileName(name))
  return [...new Set(files)]
}
