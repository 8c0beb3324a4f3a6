/**
 * An event-based JSON parser that accepts exactly what serde_json does. It reads from bytes and builds neither a tree
 * nor strings, and numbers keep their digits. Unlike JSON.parse it rejects lone surrogates, numbers beyond the range of
 * f64 and nesting of 128 levels or more. Source: serde_json 1.0, src/read.rs and src/de.rs.
 */

const MAX_DEPTH = 127

/** An integer with fewer digits is within the range of f64. */
const MAX_FINITE_DIGITS = 300

/** The digits of the largest u64. */
const U64_MAX_DIGITS = [...'18446744073709551615'].map(charCode)

const [QUOTE, BACKSLASH, COMMA, COLON, MINUS, PLUS, POINT, ZERO, NINE] = [...'"\\,:-+.09'].map(charCode)
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [...'{}[]'].map(charCode)
const [LOWER_E, UPPER_E, LOWER_U] = [...'eEu'].map(charCode)
const HEX_DIGITS = [...'0123456789abcdefABCDEF'].map(charCode)
const ESCAPE_CHARS = new Set([...'"\\/bfnrt'].map(charCode))

/** Stands for the byte after the last one. */
const END_OF_INPUT = 0

function charCode(character: string): number {
  return character.charCodeAt(0)
}

/** Bytes of the longest escape of an ASCII character. */
const MAX_ESCAPE_BYTES = '\\u0041'.length

export class JsonReader {
  private readonly bytes: Uint8Array
  private position: number
  private depth = 0
  /** Range of the last string or number, without quotes. */
  tokenStart = 0
  tokenEnd = 0

  /** Starts at the offset `position` of valid UTF-8. */
  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes
    this.position = position
  }

  /** The first byte of the next token, without consuming it; 0 at the end. */
  peek(): number {
    const { bytes } = this
    while (this.position < bytes.length) {
      const byte = bytes[this.position]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte
      this.position++
    }
    return END_OF_INPUT
  }

  /** Is the next value an object, an array, a string or null? */
  peekIs(first: '{' | '[' | '"' | 'n'): boolean {
    return this.peek() === charCode(first)
  }

  /** Offset of the next value. */
  get valueOffset(): number {
    this.peek()
    return this.position
  }

  /** Reads an object. `field` is called after each key, which is then the last string, and must read the value. */
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

  /** Reads an array. `item` must read the value. */
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

  /** Scans a string and records its range. */
  scanString(): void {
    this.expectByte(QUOTE)
    const { bytes } = this
    this.tokenStart = this.position
    for (;;) {
      const byte = this.position < bytes.length ? bytes[this.position] : END_OF_INPUT
      if (byte === QUOTE) break
      if (byte < 0x20) {
        this.fail(
          this.position >= bytes.length ? 'a string does not end' : 'a string contains a control character',
        )
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

  /** The last string. */
  lastString(): string {
    return decodeStringAt(this.bytes, this.tokenStart)
  }

  /** Does the last string equal this ASCII word? */
  lastStringEquals(word: string): boolean {
    const { bytes, tokenStart, tokenEnd } = this
    if (tokenEnd - tokenStart < word.length || tokenEnd - tokenStart > MAX_ESCAPE_BYTES * word.length)
      return false
    if (tokenEnd - tokenStart > word.length) return decodeStringAt(bytes, tokenStart) === word
    for (let i = 0; i < word.length; i++) if (bytes[tokenStart + i] !== word.charCodeAt(i)) return false
    return true
  }

  /** Reads a number: a u64, rounded above 2^53 (`lastBigInt` is exact), or undefined for any other number. */
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
    const index = U64_MAX_DIGITS.findIndex((digit, i) => bytes[tokenStart + i] !== digit)
    return index >= 0 && bytes[tokenStart + index] > U64_MAX_DIGITS[index] ? undefined : value
  }

  /** The last number, which must be an integer. */
  lastBigInt(): bigint {
    return BigInt(decodeAscii(this.bytes, this.tokenStart, this.tokenEnd))
  }

  readNull(): void {
    this.expectWord('null')
  }

  /** Reads a value of any kind. */
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

  /** Reads a value of any kind of at most `maxBytes` as JSON.parse does. */
  readValue(maxBytes: number): unknown {
    const start = this.valueOffset
    this.skipValue()
    if (this.position - start > maxBytes) this.fail(`a value has more than ${maxBytes} bytes`)
    return JSON.parse(decodeUtf8(this.bytes.subarray(start, this.position)))
  }

  /** Throws unless only whitespace is left. */
  expectEnd(): void {
    this.peek()
    if (this.position < this.bytes.length) this.fail('data follows the end of the JSON')
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
    const integerLength = this.position - this.tokenStart
    if (this.currentByte() === POINT) {
      this.position++
      this.scanDigits()
    }
    const hasExponent = this.currentByte() === LOWER_E || this.currentByte() === UPPER_E
    if (hasExponent) {
      this.position++
      if (this.currentByte() === PLUS || this.currentByte() === MINUS) this.position++
      this.scanDigits()
    }
    this.tokenEnd = this.position
    if (!hasExponent && integerLength < MAX_FINITE_DIGITS) return
    if (!Number.isFinite(Number(decodeAscii(this.bytes, this.tokenStart, this.tokenEnd))))
      this.fail('a number is out of range')
  }

  /** Scans one digit or more. */
  private scanDigits(): void {
    const start = this.position
    while (this.currentByte() >= ZERO && this.currentByte() <= NINE) this.position++
    if (this.position === start) this.fail('a value is missing or misspelled')
  }

  private currentByte(): number {
    return this.position < this.bytes.length ? this.bytes[this.position] : END_OF_INPUT
  }

  private expectWord(word: string): void {
    this.peek()
    for (let i = 0; i < word.length; i++, this.position++) {
      if (this.currentByte() !== word.charCodeAt(i)) this.fail(`"${word}" is missing or misspelled`)
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
      this.fail('a surrogate is not paired')
    }
    this.position += 2
    const low = this.scanHexQuad()
    if (low < 0xdc00 || low > 0xdfff) this.fail('a surrogate is not paired')
  }

  private scanHexQuad(): number {
    let value = 0
    for (let i = 0; i < 4; i++, this.position++) {
      const digit = HEX_DIGITS.indexOf(this.currentByte())
      if (digit < 0) this.fail('an escape \\u needs four hex digits')
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

/** Created when it is first needed, because some hosts have a TextDecoder only after the import of this file. */
let decoder: TextDecoder | undefined

function decodeUtf8(bytes: Uint8Array): string {
  decoder ??= new TextDecoder('utf-8', { ignoreBOM: true })
  return decoder.decode(bytes)
}

/** Bytes to decode at a time: short strings are collected early. */
const UTF8_CHECK_CHUNK_BYTES = 2 ** 16

export function isUtf8(bytes: Uint8Array): boolean {
  const checker = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    for (let start = 0; start < bytes.length; start += UTF8_CHECK_CHUNK_BYTES) {
      checker.decode(bytes.subarray(start, start + UTF8_CHECK_CHUNK_BYTES), { stream: true })
    }
    checker.decode()
    return true
  } catch {
    return false
  }
}

/** Decodes the valid string that starts at `from`, after its opening quote. */
export function decodeStringAt(bytes: Uint8Array, from: number): string {
  let to = from
  let escaped = false
  for (; bytes[to] !== QUOTE; to++) {
    if (bytes[to] !== BACKSLASH) continue
    escaped = true
    to++
  }
  if (escaped) return JSON.parse(decodeUtf8(bytes.subarray(from - 1, to + 1))) as string
  return decodeUtf8(bytes.subarray(from, to))
}

function decodeAscii(bytes: Uint8Array, from: number, to: number): string {
  return decodeUtf8(bytes.subarray(from, to))
}
