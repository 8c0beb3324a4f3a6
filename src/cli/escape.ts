/** Text that comes from files, made safe for a terminal. */

/** Replaces control and format characters, line breaks among them, by escapes such as `\u{1b}`. */
export function escapeControlChars(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}
