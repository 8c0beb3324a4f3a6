/** Plans and files, off the page's thread. It has one plan, the last that was asked for. */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { expose } from 'comlink'
import type { Plan } from 'simdinit/models'
import { generate, type Generated, type Progress } from './generator.ts'
import type { Page } from './pages.ts'
import type { Place } from './places.ts'
import { planOf, rowsOf, summaryOf, type Row, type Summary, type Wanted } from './planner.ts'
import { outcome, type Outcome } from './problem.ts'

/** Bytes that are hashed at a time. */
const PIECE = 2 ** 22

let plan: Plan | undefined
let running = new AbortController()

const maker = {
  plan(wanted: Wanted): Promise<Outcome<Summary>> {
    plan = undefined
    return outcome(() => summaryOf((plan = planOf(wanted))))
  },

  rows(filter: string, first: number, count: number): Page<Row> {
    return plan ? rowsOf(plan, filter, first, count) : { rows: [], total: 0 }
  },

  generate(seed: string, place: Place, tell: (progress: Progress) => unknown): Promise<Outcome<Generated>> {
    running = new AbortController()
    const { signal } = running
    return outcome(() => generate(plan!, seed, place, (progress) => void tell(progress), signal))
  },

  cancel(): void {
    running.abort()
  },

  /** The SHA-256 of a file, as it can be read again. */
  digest(file: Blob, tell: (progress: Progress) => unknown): Promise<Outcome<string>> {
    return outcome(async () => {
      const hash = sha256.create()
      for (let done = 0; done < file.size; done += PIECE) {
        void tell({ done, total: file.size })
        hash.update(new Uint8Array(await file.slice(done, done + PIECE).arrayBuffer()))
      }
      return bytesToHex(hash.digest())
    })
  },
}

export type Maker = typeof maker
expose(maker)
