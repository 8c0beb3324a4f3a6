/** The result that the charts and the table show: the layers of each candidate in one network. */

import type { LayerStats } from 'simdinit'
import type { Candidate } from './network-state.ts'
import type { Network } from './simulate-client.ts'

export interface Comparison {
  readonly network: Network
  readonly candidates: readonly CandidateResult[]
}

export interface CandidateResult {
  readonly candidate: Candidate
  /** The call that creates its strategy, such as `heNormal()`. */
  readonly name: string
  readonly layers: readonly LayerStats[]
}
