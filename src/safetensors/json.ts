/**
 * JSON as serde_json reads it, event by event from its bytes: there is no tree and no text beside them, and numbers
 * keep their digits. Stricter and looser than JSON.parse just as serde_json is: lone surrogates and numbers beyond f64
 * are refused, and so is nesting of 128 or more. Source: serde_json 1.0, src/read.rs and src/de.rs.
 */

const MAX_DEPTH = 127

/** Digits of a number that is finite whatever they are. */
const SURELY_FINITE = 300

/** The largest u64. */
const MOST = [...'18446744073709551615'].map(codeOf)

const [QUOTE, BACKSLASH, COMMA, COLON, MINUS, PLUS, POINT, ZERO, NINE] = [...'"\\,:-+.09'].map(codeOf)
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [...'{}[]'].map(codeOf)
const [SMALL_E, LARGE_E, SMALL_U] = [...'eEu'].map(codeOf)
const HEX = [...'0123456789abcdefABCDEF'].map(codeOf)
const ESCAPES = new Set([...'"\\/bfnrt'].map(codeOf))

/** What is not there: the byte after the last. */
const END = 0

function codeOf(character: string): number {
  return character.charCodeAt(0)
}

/** Bytes of the longest escape of a character of ASCII. */
const ESCAPED = '\\u0041'.length

export class JsonReader {
  private readonly bytes: Uint8Array
  private at: number
  private depth = 0
  /** Where the last text or number lies, without quotes. */
  from = 0
  to = 0

  /** Of bytes that are UTF-8; begins at `at`. */
  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /** What comes next, which is not taken: the byte that begins a value, or 0 at the end. */
  peek(): number {
    const { bytes } = this
    while (this.at < bytes.length) {
      const byte = bytes[this.at]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte
      this.at++
    }
    return END
  }

  /** Does a value of this kind come next? */
  comes(first: '{' | '[' | 'n'): boolean {
    return this.peek() === codeOf(first)
  }

  /** Where the next value begins. */
  get place(): number {
    this.peek()
    return this.at
  }

  /** Reads an object; `field` must read the value. The key is the last text when it is called. */
  object(field: () => void): void {
    this.begin(OPEN_OBJECT)
    if (this.peek() !== CLOSE_OBJECT) {
      for (;;) {
        this.text()
        this.take(COLON)
        field()
        if (this.peek() !== COMMA) break
        this.at++
      }
    }
    this.end(CLOSE_OBJECT)
  }

  /** Reads an array; `item` must read the value. */
  array(item: (index: number) => void): void {
    this.begin(OPEN_ARRAY)
    if (this.peek() !== CLOSE_ARRAY) {
      for (let index = 0; ; index++) {
        item(index)
        if (this.peek() !== COMMA) break
        this.at++
      }
    }
    this.end(CLOSE_ARRAY)
  }

  /** Reads a text, which then lies at [from, to). */
  text(): void {
    this.take(QUOTE)
    const { bytes } = this
    this.from = this.at
    for (;;) {
      const byte = this.at < bytes.length ? bytes[this.at] : END
      if (byte === QUOTE) break
      if (byte < 0x20) {
        this.fail(this.at >= bytes.length ? 'a text does not end' : 'a text holds a control character')
      }
      this.at++
      if (byte === BACKSLASH) this.escape()
    }
    this.to = this.at++
  }

  string(): string {
    this.text()
    return this.last()
  }

  /** The text that was read last. */
  last(): string {
    return textAt(this.bytes, this.from)
  }

  /** Is the last text this word of ASCII? */
  is(word: string): boolean {
    const { bytes, from, to } = this
    if (to - from < word.length || to - from > ESCAPED * word.length) return false
    if (to - from > word.length) return textAt(bytes, from) === word
    for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word.charCodeAt(i)) return false
    return true
  }

  /** A number that is a u64, rounded if it is 2^53 or more (`exact` has it then), and undefined for any other. */
  u64(): number | undefined {
    this.number()
    const { bytes, from, to } = this
    let value = 0
    for (let i = from; i < to; i++) {
      const digit = bytes[i] - ZERO
      if (digit < 0 || digit > 9) return undefined
      value = value * 10 + digit
    }
    if (to - from < MOST.length) return value
    if (to - from > MOST.length) return undefined
    const differs = MOST.findIndex((digit, i) => bytes[from + i] !== digit)
    return differs >= 0 && bytes[from + differs] > MOST[differs] ? undefined : value
  }

  /** The last number, which was a whole one. */
  exact(): bigint {
    return BigInt(ascii(this.bytes, this.from, this.to))
  }

  null(): void {
    this.word('null')
  }

  /** Reads a value of whatever kind. */
  skip(): void {
    const first = this.peek()
    if (first === OPEN_OBJECT) this.object(() => this.skip())
    else if (first === OPEN_ARRAY) this.array(() => this.skip())
    else if (first === QUOTE) this.text()
    else if (first === codeOf('t')) this.word('true')
    else if (first === codeOf('f')) this.word('false')
    else if (first === codeOf('n')) this.word('null')
    else this.number()
  }

  /** Throws if anything but white space is left. */
  finish(): void {
    this.peek()
    if (this.at < this.bytes.length) this.fail('there is more after its end')
  }

  fail(reason: string): never {
    throw new SyntaxError(`${reason} (byte ${this.at})`)
  }

  private number(): void {
    this.peek()
    this.from = this.at
    if (this.next() === MINUS) this.at++
    if (this.next() === ZERO) this.at++
    else this.digits()
    const whole = this.at - this.from
    if (this.next() === POINT) {
      this.at++
      this.digits()
    }
    const scaled = this.next() === SMALL_E || this.next() === LARGE_E
    if (scaled) {
      this.at++
      if (this.next() === PLUS || this.next() === MINUS) this.at++
      this.digits()
    }
    this.to = this.at
    if (!scaled && whole < SURELY_FINITE) return
    if (!Number.isFinite(Number(ascii(this.bytes, this.from, this.to)))) this.fail('a number is out of range')
  }

  /** One digit and those after it. */
  private digits(): void {
    const start = this.at
    while (this.next() >= ZERO && this.next() <= NINE) this.at++
    if (this.at === start) this.fail('a value is missing or misspelt')
  }

  private next(): number {
    return this.at < this.bytes.length ? this.bytes[this.at] : END
  }

  private word(word: string): void {
    this.peek()
    for (let i = 0; i < word.length; i++, this.at++) {
      if (this.next() !== word.charCodeAt(i)) this.fail(`"${word}" is missing or misspelt`)
    }
  }

  private escape(): void {
    const letter = this.next()
    this.at++
    if (letter !== SMALL_U) {
      if (!ESCAPES.has(letter)) this.fail('an escape is unknown')
      return
    }
    const unit = this.hex()
    if (unit < 0xd800 || unit > 0xdfff) return
    if (unit > 0xdbff || this.next() !== BACKSLASH || this.bytes[this.at + 1] !== SMALL_U) {
      this.fail('a surrogate stands alone')
    }
    this.at += 2
    const low = this.hex()
    if (low < 0xdc00 || low > 0xdfff) this.fail('a surrogate stands alone')
  }

  private hex(): number {
    let value = 0
    for (let i = 0; i < 4; i++, this.at++) {
      const digit = HEX.indexOf(this.next())
      if (digit < 0) this.fail('an escape is not of four digits')
      value = value * 16 + (digit < 16 ? digit : digit - 6)
    }
    return value
  }

  private begin(open: number): void {
    this.take(open)
    if (++this.depth > MAX_DEPTH) this.fail('it is nested too deeply')
  }

  private end(close: number): void {
    this.take(close)
    this.depth--
  }

  private take(byte: number): void {
    if (this.peek() !== byte) this.fail(`"${String.fromCharCode(byte)}" is missing`)
    this.at++
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The text that begins at `from`, which was read before, up to its quote. */
export function textAt(bytes: Uint8Array, from: number): string {
  let to = from
  let escaped = false
  for (; bytes[to] !== QUOTE; to++) {
    if (bytes[to] !== BACKSLASH) continue
    escaped = true
    to++
  }
  if (escaped) return JSON.parse(decoder.decode(bytes.subarray(from - 1, to + 1))) as string
  return decoder.decode(bytes.subarray(from, to))
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return decoder.decode(bytes.subarray(from, to))
}
