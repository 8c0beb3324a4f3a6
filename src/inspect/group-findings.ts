/** Merges the same problem of similar tensors, such as one in every layer of a model, into one finding. */

import type { Finding, FindingKind } from './inspection-records.ts'
import { toNamePattern } from './name-pattern.ts'

/** A problem of one tensor. */
export interface TensorProblem {
  readonly kind: FindingKind
  readonly tensor: string
  readonly text: string
  /** A group is described by its most severe problem. Absent where all are alike. */
  readonly severity?: number
}

/** One finding for each kind of problem and pattern of names, in the order of their first problems. */
export function groupFindings(problems: Iterable<TensorProblem>): Finding[] {
  const groups = new Map<string, TensorProblem[]>()
  for (const problem of problems) {
    const key = `${problem.kind} ${toNamePattern(problem.tensor)}`
    const group = groups.get(key)
    if (group) group.push(problem)
    else groups.set(key, [problem])
  }
  return [...groups.values()].map(createFinding)
}

function createFinding(group: readonly TensorProblem[]): Finding {
  const [{ kind, tensor, text, severity }] = group
  if (group.length === 1) return { kind, about: tensor, tensors: [tensor], text }
  const worst = group.reduce((a, b) => ((b.severity ?? 0) > (a.severity ?? 0) ? b : a))
  const count = severity === undefined ? `${group.length} tensors` : `worst of ${group.length} tensors`
  return {
    kind,
    about: toNamePattern(tensor),
    tensors: group.map((problem) => problem.tensor),
    text: `${worst.text} (${count})`,
  }
}
