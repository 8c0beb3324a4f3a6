/** Suggestions for misspelled words. */

import { closest, distance } from 'fastest-levenshtein'

/** Returns ` (did you mean "gpt2"?)` if one of the words is close, otherwise an empty string. */
export function suggestMatch(word: string, words: readonly string[]): string {
  const nearest = closest(word, [...words])
  const isClose = distance(word, nearest) <= Math.max(1, Math.ceil(nearest.length / 3))
  return isClose ? ` (did you mean "${nearest}"?)` : ''
}
