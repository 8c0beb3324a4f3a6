/** The files that an index names: all of them, or none if one of the names is not a plain file name. */

import { readIndexEntries } from '../inspect/weight-map.ts'
import { checkFileName } from './read-manifest.ts'

/** The Hugging Face Hub reads no larger index. */
export const MAX_INDEX_BYTES = 250_000_000

/** Each file once. Throws if the bytes are not an index. */
export function listIndexFiles(bytes: Uint8Array): string[] {
  return [...new Set(readIndexEntries(bytes).values())].map((name) => checkFileName(name))
}
