/**
 * Splits a checkpoint into files and formats their index. File names, the split and the bytes of the index equal those
 * of huggingface_hub and transformers. Sources: huggingface_hub 1.33, serialization/_base.py,
 * `split_state_dict_into_shards_factory`; transformers 5.18, modeling_utils.py, `save_pretrained`.
 */

import { throwRangeError } from '../errors/validate.ts'
import { compareCodePoints, computeByteLength, checkNames, type TensorEntry } from './encode-header.ts'

/** Name of the index of a checkpoint with several files. */
export const INDEX_FILE = 'model.safetensors.index.json'

/** Default maximum of data per file, as in huggingface_hub. */
export const DEFAULT_MAX_SHARD_SIZE = '5GB'

const BYTE_UNITS: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }

/**
 * Parses the maximum size of a shard. Units are decimal (KB is 1000 bytes), and fractions of a byte are dropped, as in
 * huggingface_hub.
 * @param size A number of bytes, or a string such as '5GB' or '1.5 tb'.
 * @returns Bytes, from 1 to 2^53 - 1.
 * @throws {RangeError} If `size` is not such a value.
 * @example
 * import { parseShardSize } from 'simdinit/safetensors'
 *
 * console.log(parseShardSize('1.5 GB')) // 1500000000
 */
export function parseShardSize(size: unknown): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) *([KMGT]B)?$/i.exec(String(size).trim()) ?? []
  const bytes = Math.trunc(Number(digits) * (BYTE_UNITS[unit.toUpperCase()] ?? 1))
  if (!(bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER)) {
    throwRangeError('maxShardSize', "a number of bytes or a string such as '5GB' (KB, MB, GB, TB)", size)
  }
  return bytes
}

/** A file of a checkpoint and the tensors it holds. */
export interface Shard<T> {
  /** `model.safetensors`, or `model-00001-of-00003.safetensors`. */
  readonly name: string
  /** The tensors, in the order given. */
  readonly tensors: readonly T[]
}

/** Tensors of a group share a file, as huggingface_hub does for tensors that share storage. */
export type GroupedEntry = TensorEntry & { readonly group?: string }

/**
 * Splits tensors into files greedily, in the order given, as huggingface_hub does. A tensor or group larger than
 * `limit` gets its own file, placed before the file that is currently being filled, which continues to be filled.
 * @param entries The tensors. Those with the same `group` share a file.
 * @param limit Maximum bytes of data per file, without the header.
 * @returns The files in order; always at least one.
 * @throws {RangeError} If a name is empty, reserved, contains NUL or occurs twice.
 * @throws {TypeError} If a name is not a string, or a shape not an array of integers.
 * @example
 * import { splitIntoShards } from 'simdinit/safetensors'
 *
 * const entries = ['a', 'b', 'c'].map((name) => ({ name, dtype: 'f32', shape: [2] }))
 * const shards = splitIntoShards(entries, 16)
 * console.log(shards.map(({ tensors }) => tensors.length)) // [ 2, 1 ]
 * console.log(shards[0].name) // model-00001-of-00002.safetensors
 */
export function splitIntoShards<T extends GroupedEntry>(entries: readonly T[], limit: number): Shard<T>[] {
  checkNames(entries)
  const shards: T[][] = []
  let open: T[] = []
  let filled = 0
  for (const unit of groupEntries(entries)) {
    const members = Array.isArray(unit) ? (unit as T[]) : [unit as T]
    const bytes = members.reduce((sum, entry) => sum + computeByteLength(entry), 0)
    if (bytes > limit) {
      shards.push(members)
      continue
    }
    if (filled + bytes > limit) {
      shards.push(open)
      open = []
      filled = 0
    }
    open.push(...members)
    filled += bytes
  }
  if (open.length > 0 || shards.length === 0) shards.push(open)
  if (shards.length === 1) return [{ name: 'model.safetensors', tensors: shards[0] }]
  return shards.map((tensors, i) => ({
    name: `model-${padShardNumber(i + 1)}-of-${padShardNumber(shards.length)}.safetensors`,
    tensors,
  }))
}

/** Single tensors and whole groups, ordered by their first tensor. */
function groupEntries<T extends GroupedEntry>(entries: readonly T[]): (T | T[])[] {
  const units: (T | T[])[] = []
  const groups = new Map<string, T[]>()
  for (const entry of entries) {
    const { group } = entry
    const known = group === undefined ? undefined : groups.get(group)
    if (known) {
      known.push(entry)
      continue
    }
    const unit = group === undefined ? entry : [entry]
    units.push(unit)
    if (group !== undefined) groups.set(group, unit as T[])
  }
  return units
}

function padShardNumber(n: number): string {
  return String(n).padStart(5, '0')
}

/**
 * Formats the index of a checkpoint with several files, byte for byte as Python's
 * `json.dumps(index, indent=2, sort_keys=True)` followed by a line end.
 * @param shards From `splitIntoShards`.
 * @param parameters Number of parameters, for `total_parameters`.
 * @returns The text of `model.safetensors.index.json`.
 * @throws {TypeError | RangeError} If a shape is not an array of integers >= 0.
 * @example
 * import { formatIndex, splitIntoShards } from 'simdinit/safetensors'
 *
 * const entries = ['a', 'b'].map((name) => ({ name, dtype: 'f32', shape: [2] }))
 * const index = JSON.parse(formatIndex(splitIntoShards(entries, 8), 4))
 * console.log(index.metadata) // { total_parameters: 4, total_size: 16 }
 * console.log(index.weight_map.b) // model-00002-of-00002.safetensors
 */
export function formatIndex(shards: readonly Shard<TensorEntry>[], parameters: number): string {
  const tensors = shards.flatMap((shard) => shard.tensors.map((tensor) => ({ tensor, file: shard.name })))
  const size = tensors.reduce((sum, { tensor }) => sum + computeByteLength(tensor), 0)
  const entries = tensors
    .toSorted((a, b) => compareCodePoints(a.tensor.name, b.tensor.name))
    .map(({ tensor, file }) => `    ${stringifyAscii(tensor.name)}: "${file}"`)
  return `{
  "metadata": {
    "total_parameters": ${parameters},
    "total_size": ${size}
  },
  "weight_map": {
${entries.join(',\n')}
  }
}
`
}

/** Formats a string like Python's `json`: everything except printable ASCII is escaped. */
function stringifyAscii(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
