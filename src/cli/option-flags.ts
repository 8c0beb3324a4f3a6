/** Library messages name options in quotes ("maxShardSize"); the command names its flags (--max-shard-size). */

const FLAGS: Readonly<Record<string, string>> = {
  source: '<model>',
  folder: '<folder>',
  path: '<path>',
  out: '--out',
  seed: '--seed',
  dtype: '--dtype',
  recipe: '--recipe',
  set: '--set',
  maxShardSize: '--max-shard-size',
  slice: '--slice',
  rank: '--rank',
  worldSize: '--world-size',
  resume: '--resume',
  force: '--force',
  cache: '--no-cache',
  sample: '--sample',
  threads: '--threads',
  backend: '--backend',
}

/** The places where messages name options. Quoted text elsewhere is a value, a field of a file, or a name. */
const OPTION_PATTERN = /(?<=^|\b(?:pass|use|needs|and|but) )"(\w+)"/g

/** Replaces the names of options in a library message by the flags of the command. */
export function nameFlags(message: string): string {
  return message.replace(OPTION_PATTERN, (quoted, option: string) => FLAGS[option] ?? quoted)
}
