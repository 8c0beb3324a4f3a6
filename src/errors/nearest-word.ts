/** The nearest of the words that an option accepts, for error messages. */

/**
 * The word that differs least from `word`, apart from case and punctuation, or the first that has `word` as a prefix or
 * is a prefix of it. Undefined if there is neither.
 */
export function findNearestWord(word: string, words: readonly string[]): string | undefined {
  const text = simplify(word)
  const candidates = words.map((candidate) => simplify(candidate))
  const distances = candidates.map((candidate) => editDistance(text, candidate))
  const least = Math.min(...distances)
  const nearest = distances.indexOf(least)
  if (nearest >= 0 && least <= candidates[nearest].length / 3) return words[nearest]
  if (text.length < 2) return undefined
  return words[candidates.findIndex((candidate) => candidate.startsWith(text) || text.startsWith(candidate))]
}

function simplify(word: string): string {
  return word
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
}

/** Insertions, deletions, substitutions and swaps of adjacent characters (optimal string alignment), row by row. */
function editDistance(a: string, b: string): number {
  let previous: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const isSwap = i > 0 && a[i] === b[j - 1] && a[i - 1] === b[j]
      next.push(
        Math.min(
          row[j] + (a[i] === b[j] ? 0 : 1),
          row[j + 1] + 1,
          next[j] + 1,
          isSwap ? previous[j - 1] + 1 : Infinity,
        ),
      )
    }
    previous = row
    row = next
  }
  return row[b.length]
}
