/**
 * JSON as serde_json reads it, event by event from its bytes: there is no tree and no text beside them, and numbers
 * keep their digits. Stricter and looser than JSON.parse just as serde_json is: lone surrogates and numbers beyond f64
 * are refused, and so is nesting of 128 or more. Source: serde_json 1.0, src/read.rs and src/de.rs.
 */

const MAX_DEPTH = 127

/** Digits of a number that is finite whatever they are. */
const MAX_FINITE_DIGITS = 300

/** The largest u64. */
const U64_MAX_DIGITS = [...'18446744073709551615'].map(charCode)

const [QUOTE, BACKSLASH, COMMA, COLON, MINUS, PLUS, POINT, ZERO, NINE] = [...'"\\,:-+.09'].map(charCode)
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [...'{}[]'].map(charCode)
const [LOWER_E, UPPER_E, LOWER_U] = [...'eEu'].map(charCode)
const HEX_DIGITS = [...'0123456789abcdefABCDEF'].map(charCode)
const ESCAPE_CHARS = new Set([...'"\\/bfnrt'].map(charCode))

/** What is not there: the byte after the last. */
const END_OF_INPUT = 0

function charCode(character: string): number {
  return character.charCodeAt(0)
}

/** Bytes of the longest escape of a character of ASCII. */
const MAX_ESCAPE_BYTES = '\\u0041'.length

export class JsonReader {
  private readonly bytes: Uint8Array
  private position: number
  private depth = 0
  /** Where the last text or number lies, without quotes. */
  tokenStart = 0
  tokenEnd = 0

  /** Of bytes that are UTF-8; begins at `at`. */
  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.position = at
  }

  /** What comes next, which is not taken: the byte that begins a value, or 0 at the end. */
  peek(): number {
    const { bytes } = this
    while (this.position < bytes.length) {
      const byte = bytes[this.position]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte
      this.position++
    }
    return END_OF_INPUT
  }

  /** Does a value of this kind come next? */
  peekIs(first: '{' | '[' | 'n'): boolean {
    return this.peek() === charCode(first)
  }

  /** Where the next value begins. */
  get valueOffset(): number {
    this.peek()
    return this.position
  }

  /** Reads an object; `field` must read the value. The key is the last text when it is called. */
  readObject(field: () => void): void {
    this.enterContainer(OPEN_OBJECT)
    if (this.peek() !== CLOSE_OBJECT) {
      for (;;) {
        this.scanString()
        this.expectByte(COLON)
        field()
        if (this.peek() !== COMMA) break
        this.position++
      }
    }
    this.leaveContainer(CLOSE_OBJECT)
  }

  /** Reads an array; `item` must read the value. */
  readArray(item: (index: number) => void): void {
    this.enterContainer(OPEN_ARRAY)
    if (this.peek() !== CLOSE_ARRAY) {
      for (let index = 0; ; index++) {
        item(index)
        if (this.peek() !== COMMA) break
        this.position++
      }
    }
    this.leaveContainer(CLOSE_ARRAY)
  }

  /** Reads a text, which then lies at [from, to). */
  scanString(): void {
    this.expectByte(QUOTE)
    const { bytes } = this
    this.tokenStart = this.position
    for (;;) {
      const byte = this.position < bytes.length ? bytes[this.position] : END_OF_INPUT
      if (byte === QUOTE) break
      if (byte < 0x20) {
        this.fail(this.position >= bytes.length ? 'a text does not end' : 'a text holds a control character')
      }
      this.position++
      if (byte === BACKSLASH) this.scanEscape()
    }
    this.tokenEnd = this.position++
  }

  readString(): string {
    this.scanString()
    return this.lastString()
  }

  /** The text that was read last. */
  lastString(): string {
    return decodeStringAt(this.bytes, this.tokenStart)
  }

  /** Is the last text this word of ASCII? */
  lastStringEquals(word: string): boolean {
    const { bytes, tokenStart, tokenEnd } = this
    if (tokenEnd - tokenStart < word.length || tokenEnd - tokenStart > MAX_ESCAPE_BYTES * word.length)
      return false
    if (tokenEnd - tokenStart > word.length) return decodeStringAt(bytes, tokenStart) === word
    for (let i = 0; i < word.length; i++) if (bytes[tokenStart + i] !== word.charCodeAt(i)) return false
    return true
  }

  /** A number that is a u64, rounded if it is 2^53 or more (`exact` has it then), and undefined for any other. */
  readU64(): number | undefined {
    this.scanNumber()
    const { bytes, tokenStart, tokenEnd } = this
    let value = 0
    for (let i = tokenStart; i < tokenEnd; i++) {
      const digit = bytes[i] - ZERO
      if (digit < 0 || digit > 9) return undefined
      value = value * 10 + digit
    }
    if (tokenEnd - tokenStart < U64_MAX_DIGITS.length) return value
    if (tokenEnd - tokenStart > U64_MAX_DIGITS.length) return undefined
    const differs = U64_MAX_DIGITS.findIndex((digit, i) => bytes[tokenStart + i] !== digit)
    return differs >= 0 && bytes[tokenStart + differs] > U64_MAX_DIGITS[differs] ? undefined : value
  }

  /** The last number, which was a whole one. */
  lastBigInt(): bigint {
    return BigInt(decodeAscii(this.bytes, this.tokenStart, this.tokenEnd))
  }

  readNull(): void {
    this.expectWord('null')
  }

  /** Reads a value of whatever kind. */
  skipValue(): void {
    const first = this.peek()
    if (first === OPEN_OBJECT) this.readObject(() => this.skipValue())
    else if (first === OPEN_ARRAY) this.readArray(() => this.skipValue())
    else if (first === QUOTE) this.scanString()
    else if (first === charCode('t')) this.expectWord('true')
    else if (first === charCode('f')) this.expectWord('false')
    else if (first === charCode('n')) this.expectWord('null')
    else this.scanNumber()
  }

  /** Throws if anything but white space is left. */
  expectEnd(): void {
    this.peek()
    if (this.position < this.bytes.length) this.fail('there is more after its end')
  }

  fail(reason: string): never {
    throw new SyntaxError(`${reason} (byte ${this.position})`)
  }

  private scanNumber(): void {
    this.peek()
    this.tokenStart = this.position
    if (this.currentByte() === MINUS) this.position++
    if (this.currentByte() === ZERO) this.position++
    else this.scanDigits()
    const whole = this.position - this.tokenStart
    if (this.currentByte() === POINT) {
      this.position++
      this.scanDigits()
    }
    const scaled = this.currentByte() === LOWER_E || this.currentByte() === UPPER_E
    if (scaled) {
      this.position++
      if (this.currentByte() === PLUS || this.currentByte() === MINUS) this.position++
      this.scanDigits()
    }
    this.tokenEnd = this.position
    if (!scaled && whole < MAX_FINITE_DIGITS) return
    if (!Number.isFinite(Number(decodeAscii(this.bytes, this.tokenStart, this.tokenEnd))))
      this.fail('a number is out of range')
  }

  /** One digit and those after it. */
  private scanDigits(): void {
    const start = this.position
    while (this.currentByte() >= ZERO && this.currentByte() <= NINE) this.position++
    if (this.position === start) this.fail('a value is missing or misspelt')
  }

  private currentByte(): number {
    return this.position < this.bytes.length ? this.bytes[this.position] : END_OF_INPUT
  }

  private expectWord(word: string): void {
    this.peek()
    for (let i = 0; i < word.length; i++, this.position++) {
      if (this.currentByte() !== word.charCodeAt(i)) this.fail(`"${word}" is missing or misspelt`)
    }
  }

  private scanEscape(): void {
    const letter = this.currentByte()
    this.position++
    if (letter !== LOWER_U) {
      if (!ESCAPE_CHARS.has(letter)) this.fail('an escape is unknown')
      return
    }
    const unit = this.scanHexQuad()
    if (unit < 0xd800 || unit > 0xdfff) return
    if (unit > 0xdbff || this.currentByte() !== BACKSLASH || this.bytes[this.position + 1] !== LOWER_U) {
      this.fail('a surrogate stands alone')
    }
    this.position += 2
    const low = this.scanHexQuad()
    if (low < 0xdc00 || low > 0xdfff) this.fail('a surrogate stands alone')
  }

  private scanHexQuad(): number {
    let value = 0
    for (let i = 0; i < 4; i++, this.position++) {
      const digit = HEX_DIGITS.indexOf(this.currentByte())
      if (digit < 0) this.fail('an escape is not of four digits')
      value = value * 16 + (digit < 16 ? digit : digit - 6)
    }
    return value
  }

  private enterContainer(open: number): void {
    this.expectByte(open)
    if (++this.depth > MAX_DEPTH) this.fail('it is nested too deeply')
  }

  private leaveContainer(close: number): void {
    this.expectByte(close)
    this.depth--
  }

  private expectByte(byte: number): void {
    if (this.peek() !== byte) this.fail(`"${String.fromCharCode(byte)}" is missing`)
    this.position++
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The text that begins at `from`, which was read before, up to its quote. */
export function decodeStringAt(bytes: Uint8Array, from: number): string {
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

function decodeAscii(bytes: Uint8Array, from: number, to: number): string {
  return decoder.decode(bytes.subarray(from, to))
}
