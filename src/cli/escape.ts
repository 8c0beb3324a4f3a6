/**
 * Text that comes from files, made safe for a terminal and for the eyes: names may contain escape sequences, or
 * characters that change the direction of what follows.
 */

/** Control characters (C0 and C1), format characters (such as those of direction), and the line breaks of Unicode. */
const UNSAFE_CHARS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Replaces unsafe characters, line breaks among them, by escapes such as `\u{1b}`. */
export function escapeControlChars(text: string): string {
  return text.replace(UNSAFE_CHARS, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

/** JSON of the same data whose strings contain no unsafe character. */
export function formatSafeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNSAFE_CHARS, (character) =>
    character === '\n' ? character : escapeCodeUnits(character),
  )
}

function escapeCodeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
