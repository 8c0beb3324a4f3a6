/**
 * JSON as serde_json reads it, event by event, so that a header is read with no tree beside it, and numbers keep their
 * digits. Stricter and looser than JSON.parse just as serde_json is: lone surrogates and numbers beyond f64 are
 * refused, and so is nesting of 128 or more. Source: serde_json 1.0, src/read.rs and src/de.rs.
 */

const MAX_DEPTH = 127

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const SPACE = /[ \t\n\r]*/y
/** What needs no decoding, up to the quote. */
// oxlint-disable-next-line no-control-regex
const PLAIN = /[^"\\\0-\x1f]*/y

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

export class JsonReader {
  private readonly text: string
  private at = 0
  private depth = 0

  constructor(text: string) {
    this.text = text
  }

  /** What comes next, which is not taken: the character that begins a value, or '' at the end. */
  peek(): string {
    SPACE.lastIndex = this.at
    SPACE.exec(this.text)
    this.at = SPACE.lastIndex
    return this.text.charAt(this.at)
  }

  /** Reads an object; `field` must read the value. */
  object(field: (key: string) => void): void {
    this.begin('{')
    if (this.peek() !== '}') {
      for (;;) {
        const key = this.string()
        this.take(':')
        field(key)
        if (this.peek() !== ',') break
        this.at++
      }
    }
    this.end('}')
  }

  /** Reads an array; `item` must read the value. */
  array(item: (index: number) => void): void {
    this.begin('[')
    if (this.peek() !== ']') {
      for (let index = 0; ; index++) {
        item(index)
        if (this.peek() !== ',') break
        this.at++
      }
    }
    this.end(']')
  }

  string(): string {
    this.take('"')
    let result = ''
    for (;;) {
      PLAIN.lastIndex = this.at
      const plain = PLAIN.exec(this.text)?.[0] ?? ''
      this.at += plain.length
      result += plain
      const end = this.text.charAt(this.at++)
      if (end === '"') return result
      if (end !== '\\') this.fail(end === '' ? 'a text does not end' : 'a text holds a control character')
      result += this.escape()
    }
  }

  /** A number that is a u64, as a bigint if it is not a safe integer, and undefined for any other. */
  u64(): number | bigint | undefined {
    const digits = this.number()
    if (!/^\d+$/.test(digits)) return undefined
    if (digits.length < 16) return Number(digits)
    const value = BigInt(digits)
    return value < 2n ** 64n ? value : undefined
  }

  null(): void {
    this.word('null')
  }

  /** Reads a value of whatever kind. */
  skip(): void {
    const first = this.peek()
    if (first === '{') this.object(() => this.skip())
    else if (first === '[') this.array(() => this.skip())
    else if (first === '"') this.string()
    else if (first === 't') this.word('true')
    else if (first === 'f') this.word('false')
    else if (first === 'n') this.word('null')
    else this.number()
  }

  /** Throws if anything but white space is left. */
  finish(): void {
    if (this.peek() !== '') this.fail('there is more after its end')
  }

  fail(reason: string): never {
    throw new SyntaxError(`${reason} (character ${this.at})`)
  }

  private number(): string {
    this.peek()
    NUMBER.lastIndex = this.at
    const digits = NUMBER.exec(this.text)?.[0]
    if (digits === undefined) this.fail('a value is missing or misspelt')
    this.at += digits.length
    if (!Number.isFinite(Number(digits))) this.fail('a number is out of range')
    return digits
  }

  private word(word: string): void {
    this.peek()
    if (!this.text.startsWith(word, this.at)) this.fail(`"${word}" is missing or misspelt`)
    this.at += word.length
  }

  private escape(): string {
    const letter = this.text.charAt(this.at++)
    if (letter !== 'u') return ESCAPES[letter] ?? this.fail('an escape is unknown')
    const unit = this.hex()
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit)
    if (unit > 0xdbff || !this.text.startsWith('\\u', this.at)) this.fail('a surrogate stands alone')
    this.at += 2
    const low = this.hex()
    if (low < 0xdc00 || low > 0xdfff) this.fail('a surrogate stands alone')
    return String.fromCharCode(unit, low)
  }

  private hex(): number {
    const digits = this.text.slice(this.at, this.at + 4)
    if (!/^[\da-fA-F]{4}$/.test(digits)) this.fail('an escape is not of four digits')
    this.at += 4
    return parseInt(digits, 16)
  }

  private begin(open: string): void {
    this.take(open)
    if (++this.depth > MAX_DEPTH) this.fail('it is nested too deeply')
  }

  private end(close: string): void {
    this.take(close)
    this.depth--
  }

  private take(character: string): void {
    if (this.peek() !== character) this.fail(`"${character}" is missing`)
    this.at++
  }
}
