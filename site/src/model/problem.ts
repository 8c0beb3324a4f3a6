/**
 * What can go wrong, as data, so that the page says it in its own language: workers answer with a value or with a
 * problem. What the library says is in English, and is told as it is.
 */

export type Problem =
  /** The words of the library, or of the browser. */
  | { readonly code: 'words'; readonly text: string }
  | { readonly code: 'notJson'; readonly text: string }
  | { readonly code: 'notText' | 'isIndex' | 'cancelled' | 'noRoom' | 'lost' }
  | { readonly code: 'configTooLong'; readonly most: number }
  | { readonly code: 'headerTooLong'; readonly bytes: number; readonly most: number }
  | { readonly code: 'tooManyTensors'; readonly most: number }
  /** Bytes that a browser's storage has not, or that its memory is not asked for. */
  | { readonly code: 'noStorage' | 'noMemory'; readonly need: number; readonly most: number }
  | { readonly code: 'exists'; readonly name: string }

export type Outcome<T> = { readonly value: T } | { readonly problem: Problem }

/** Thrown where a problem is found. */
export class ProblemError extends Error {
  override readonly name = 'Refusal'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.code)
    this.problem = problem
  }
}

/** What is made, or why it is not. */
export async function toOutcome<T>(make: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await make() }
  } catch (error) {
    return { problem: toProblem(error) }
  }
}

export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) }
  if (name === 'AbortError') return { code: 'cancelled' }
  if (name === 'QuotaExceededError') return { code: 'noRoom' }
  return { code: 'words', text: message }
}
