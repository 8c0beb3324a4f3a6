/**
 * Problems as data, so that the page can explain them in its own language: workers return a value or a problem. Messages of
 * the library are in English and are shown as they are.
 */

export type Problem =
  /** A message of the library or of the browser. */
  | { readonly code: 'message'; readonly text: string }
  | { readonly code: 'notJson'; readonly text: string }
  | { readonly code: 'notText' | 'isIndex' | 'cancelled' | 'noRoom' | 'lost' }
  | { readonly code: 'configTooLong'; readonly max: number }
  | { readonly code: 'headerTooLong'; readonly bytes: number; readonly max: number }
  | { readonly code: 'tooManyTensors'; readonly max: number }
  /** More bytes than the storage of the browser has, or than the page takes of its memory. */
  | { readonly code: 'noStorage' | 'noMemory'; readonly needed: number; readonly max: number }
  | { readonly code: 'exists'; readonly name: string }

export type Outcome<T> = { readonly value: T } | { readonly problem: Problem }

/** An error with a problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.code)
    this.problem = problem
  }
}

/** The result of a task, or the problem that it throws. */
export async function toOutcome<T>(task: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await task() }
  } catch (error) {
    return { problem: toProblem(error) }
  }
}

export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) }
  if (name === 'AbortError') return { code: 'cancelled' }
  if (name === 'QuotaExceededError') return { code: 'noRoom' }
  return { code: 'message', text: message }
}
