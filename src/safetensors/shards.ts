/**
 * How a checkpoint is split into files, and the index that says where each tensor went: the names, the split and
 * the bytes of huggingface_hub and transformers. Sources: huggingface_hub 1.33, serialization/_base.py,
 * `split_state_dict_into_shards_factory`; transformers 5.18, modeling_utils.py, `save_pretrained`.
 */

import { throwRangeError } from '../errors/validate.ts'
import { compareCodePoints, computeByteLength, checkNames, type TensorEntry } from './encode-header.ts'

export const INDEX_FILE = 'model.safetensors.index.json'

/** The hub's own default. */
export const DEFAULT_MAX_SHARD_SIZE = '5GB'

const BYTE_UNITS: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }

/** Bytes of '5GB', '1.5 tb' or 5000000: units are decimal, and a fraction of a byte is dropped, as in the hub. */
export function parseShardSize(size: unknown): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) *([KMGT]B)?$/i.exec(String(size).trim()) ?? []
  const bytes = Math.trunc(Number(digits) * (BYTE_UNITS[unit.toUpperCase()] ?? 1))
  if (!(bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER)) {
    throwRangeError('maxShardSize', "bytes, or a text such as '5GB' (KB, MB, GB, TB)", size)
  }
  return bytes
}

export interface Shard<T> {
  readonly name: string
  readonly tensors: readonly T[]
}

/** A tensor of a group is in the file of the first of them, as parts of one storage are in the hub. */
export type GroupedEntry = TensorEntry & { readonly group?: string }

/**
 * The files of a checkpoint: greedily, in the order given. A tensor, or a group of them, larger than `limit` is a
 * file of its own, which comes before the file that was being filled; that one is filled further. The limit is of
 * the tensors' data: headers come on top. Throws as `layOut` does, for names.
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

/** What must not be parted, tensors and groups of them, in the order of the first of each. */
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
 * The text of the index, byte for byte as Python's `json.dumps(index, indent=2, sort_keys=True)` and a line end.
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

/** A string as Python writes it: everything that is not printable ASCII is escaped. */
function stringifyAscii(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
