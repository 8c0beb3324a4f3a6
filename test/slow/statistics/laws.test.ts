/**
 * Large statistical tests, end to end through the public API: 2^30 values of the normal and of the uniform, 2^27 of the
 * others. Run by `npm run test:slow`; with SIMDINIT_DOCS=1 they write docs/reference/statistics.md.
 *
 * The seed is `statistics` and names are those of the distributions: fixed in advance and not changed to pass. A
 * p-value below 1e-6 fails; there are about 400, so that one run in 2,500 would fail by chance with other seeds.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEngine, type Engine } from '../../../src/index.ts'
import { REFERENCE_DISTRIBUTIONS, NORMAL, UNIFORM } from '../../support/reference-distributions.ts'
import { GROUPS, Sample, type Finding } from '../../support/sample.ts'
import { writeReport, type SampleResult } from './report.ts'

const VALUES_PER_CHUNK = 2 ** 20
/** Pieces whose values are sorted: each gives one p-value of a kind. */
const EXACT_CHUNKS = 128
const P_VALUE_THRESHOLD = 1e-6

let engine: Engine
beforeAll(async () => {
  engine = await createEngine()
})
afterAll(async () => engine.close())

const results: SampleResult[] = []

describe.each(REFERENCE_DISTRIBUTIONS)('$name', (law) => {
  const sample = new Sample(law)
  let findings: Finding[]

  beforeAll(async () => {
    const pieces = law === NORMAL || law === UNIFORM ? 1024 : EXACT_CHUNKS
    const target =
      law.dtype === 'f32'
        ? new Float32Array(new SharedArrayBuffer(4 * VALUES_PER_CHUNK))
        : new Uint16Array(new SharedArrayBuffer(2 * VALUES_PER_CHUNK))
    for (let i = 0; i < pieces; i++) {
      await engine.fill(target, law.strategy, {
        seed: 'statistics',
        name: law.name,
        dtype: law.dtype,
        offset: i * VALUES_PER_CHUNK,
      })
      sample.add(target, i < EXACT_CHUNKS)
    }
    findings = sample.computeFindings()
    results.push({ sample, findings })
  })

  it.each(GROUPS)('%s: no p-value is below 1e-6', (group) => {
    const found = findings.filter((finding) => finding.group === group)
    if (group === 'p-values of pieces') expect(found.length).toBe(law.dtype === 'f32' ? 3 : 1)
    else expect(found.length).toBeGreaterThan(0)
    expect(found.filter(({ p }) => !(p >= P_VALUE_THRESHOLD && p <= 1))).toEqual([])
  })

  it('the known bias of the transform is too small to detect', () => {
    const seen = (law.bias ?? []).map((bias, i) => Math.abs(bias) / sample.momentStandardError(i + 1))
    expect(Math.max(0, ...seen)).toBeLessThan(0.01)
    expect(sample.computeDiscretizationError(sample.chooseGroupCount())).toBeLessThanOrEqual(0.25)
  })
})

if (process.env.SIMDINIT_DOCS)
  afterAll(() => results.length === REFERENCE_DISTRIBUTIONS.length && writeReport(results))
