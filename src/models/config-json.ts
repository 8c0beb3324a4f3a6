/**
 * JSON whose numbers stay as they were written. To JavaScript 1.0 is 1, to Python it is not: transformers refuses a
 * config whose `initializer_factor` is an integer. So each object remembers the numbers that would be written otherwise.
 */

/** By object or array, the literals of its numbers by key, where JSON.stringify would not write the same. */
const numberLiterals = new WeakMap<object, Map<string, string>>()

/** As JSON.parse. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  recordNumberLiterals(value, text)
  return value
}

/** As JSON.stringify with an indent of two, but for numbers that still are what was parsed. */
export function formatJson(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const known = numberLiterals.get(value)
  const deeper = `${indent}  `
  const items = Object.entries(value).map(([key, item]) => {
    const literal = known?.get(key)
    const same = literal !== undefined && Object.is(Number(literal), item)
    const text = same ? literal : formatJson(item, deeper)
    return Array.isArray(value) ? text : `${JSON.stringify(key)}: ${text}`
  })
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return items.length === 0
    ? open + close
    : `${open}\n${deeper}${items.join(`,\n${deeper}`)}\n${indent}${close}`
}

/** `copy`, an object with fields of `original`, whose numbers it writes alike. */
export function copyNumberFormats<T extends object>(copy: T, original: object): T {
  numberLiterals.set(copy, new Map(numberLiterals.get(original)))
  return copy
}

/** Is the field of a parsed object a number that Python would read as a float? */
export function isFloat(object: Readonly<Record<string, unknown>>, key: string): boolean {
  const value = object[key]
  const literal = numberLiterals.get(object)?.get(key)
  return (
    typeof value === 'number' &&
    (!Number.isInteger(value) ||
      (literal !== undefined && Number(literal) === value && FLOAT_LITERAL_PATTERN.test(literal)))
  )
}

/** Has the field of a copy that `writtenAs` made, a number, written so that Python reads a float. */
export function markAsFloat(copy: Readonly<Record<string, number>>, key: string): void {
  const text = String(copy[key])
  if (!FLOAT_LITERAL_PATTERN.test(text)) numberLiterals.get(copy)?.set(key, `${text}.0`)
}

const FLOAT_LITERAL_PATTERN = /[.e]/i

/** Walks the tokens of a text beside the value that they are of; nesting has no limit here. */
function recordNumberLiterals(root: unknown, text: string): void {
  interface Open {
    readonly value: object
    readonly list: boolean
    readonly found: Map<string, string>
    /** Of the entry that comes; in an object unknown until it is read. */
    key: string | undefined
  }
  const open: Open[] = []
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s[\]{},:"]+/g)) {
    const inner = open.at(-1)
    if (token === '}' || token === ']') {
      const { value, found } = open.pop()!
      numberLiterals.set(value, found) // of two fields of one name, the last
      continue
    }
    if (inner && inner.key === undefined) {
      inner.key = JSON.parse(token) as string
      continue
    }
    const key = inner?.key
    if (inner) inner.key = inner.list ? String(Number(key) + 1) : undefined
    if (token === '{' || token === '[') {
      const value = inner ? (inner.value as Record<string, unknown>)[key!] : root
      const lost = typeof value !== 'object' || value === null // overwritten by a later field of its name
      const list = token === '['
      open.push({ value: lost ? {} : value, list, found: new Map(), key: list ? '0' : undefined })
    } else if (/^[-\d]/.test(token)) {
      if (String(Number(token)) !== token) inner?.found.set(key!, token)
      else inner?.found.delete(key!)
    }
  }
}
