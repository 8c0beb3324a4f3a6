/**
 * Runs dieharder (Brown, Eddelbuettel and Bauer, 3.31.1; Debian's package `dieharder`) on the raw draws: four streams of
 * them, and /dev/urandom as the control.
 *
 *   node scripts/checks/dieharder.mjs [stream ...]     after `npm run build`; some minutes a stream
 *   node scripts/checks/dieharder.mjs --docs           writes docs/reference/dieharder.md from the stored results
 *
 * Streams: tensor, blocks, names, seeds, urandom; by default all of them. build/dieharder.json stores the results, so
 * that the streams can be run one by one.
 *
 * dieharder reads its standard input, which is never rewound: each test continues where the previous one stopped.
 */

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parseArgs } from 'node:util'
import { formatTable } from '../../bench/harness.mjs'
import { createMemory } from '../../dist/engine/kernel-instance.js'
import { WasmBackend } from '../../dist/engine/wasm-backend.js'
import { BLOCK_SIZE, deriveKey } from '../../dist/rng/stream.js'

/** Arguments of the tests of `dieharder -a`, with the exceptions that EXCEPTIONS lists. */
const TESTS = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16].map((test) => ['-d', test]),
  ['-d', 17, '-p', 10],
  ...[100, 101, 102].map((test) => ['-d', test]),
  ...[1, 2, 4, 8, 12].map((n) => ['-d', 200, '-n', n]),
  ...[2, 3, 4, 5].map((n) => ['-d', 201, '-n', n]),
  ...[2, 3, 4, 5].map((n) => ['-d', 202, '-n', n]),
  ...[0, 1, 3, 7, 15].map((n) => ['-d', 203, '-n', n]),
  ...[204, 205, 206, 207, 208, 209].map((test) => ['-d', test]),
]

const EXCEPTIONS = `These are the tests of \`dieharder -a\` with their default numbers of samples, with four exceptions. diehard_sums is left out, because its authors mark it "Do Not Use". marsaglia_tsang_gcd runs for 10 p-values instead of 100. rgb_bitdist runs for the widths 1, 2, 4, 8 and 12 of 1 to 12. rgb_lagged_sum runs for the lags 0, 1, 3, 7 and 15 of 0 to 32. The full \`-a\` reads about 230 GB per stream, most of it for the other lags.`

/** Each yields chunks of bytes without end. */
const STREAMS = {
  tensor: {
    what: 'the draws of one tensor, lanes interleaved, in the order of its elements',
    *chunks() {
      const key = deriveKey('dieharder', 'tensor')
      for (let first = 0; ; first += draws.length) {
        draw(key, first, 0, draws.length)
        yield bytes
      }
    },
  },
  blocks: {
    what: 'the first 64 bytes of blocks 0, 1, 2, ... of one tensor',
    *chunks() {
      const key = deriveKey('dieharder', 'blocks')
      for (let block = 0; ;) {
        for (let at = 0; at < draws.length; at += 16) draw(key, BLOCK_SIZE * block++, at, 16)
        yield bytes
      }
    },
  },
  names: {
    what: 'the first 64 bytes of the tensors `layer.0`, `layer.1`, `layer.2`, ... of one seed',
    *chunks() {
      for (let i = 0; ;) {
        for (let at = 0; at < draws.length; at += 16) draw(deriveKey('dieharder', `layer.${i++}`), 0, at, 16)
        yield bytes
      }
    },
  },
  seeds: {
    what: 'the first 64 bytes of one name with the seeds 0, 1, 2, ...',
    *chunks() {
      for (let seed = 0; ;) {
        for (let at = 0; at < draws.length; at += 16) draw(deriveKey(seed++, 'weight'), 0, at, 16)
        yield bytes
      }
    },
  },
  urandom: {
    what: '/dev/urandom, the control',
    *chunks() {
      const file = openSync('/dev/urandom')
      for (;;) yield bytes.subarray(0, readSync(file, bytes))
    },
  },
}

const draws = new Float32Array(2 ** 16) // bit patterns, in the array type that the backend writes
const bytes = new Uint8Array(draws.buffer)
const module = await WebAssembly.compile(readFileSync('build/kernel.wasm'))
const backend = new WasmBackend({ module, memory: createMemory(2 ** 20, 0) })

function draw(key, first, at, count) {
  backend.fill({
    job: { key, transform: { kind: 'bits' }, dtype: 'f32' },
    target: draws,
    targetOffset: at,
    first,
    count,
  })
}

/** Runs one test on the rest of a stream. Returns rows [test, ntuple, samples, p-values, p, verdict] and the bytes sent. */
async function runTest(chunks, args) {
  const child = spawn('dieharder', ['-g', '200', ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text))
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  let running = true
  child.on('exit', () => (running = false))
  child.stdin.on('error', () => (running = false)) // it has read enough
  let sent = 0
  while (running) {
    // the generator reuses the array, so wait until it has been written
    const { value } = chunks.next()
    await new Promise((done) => child.stdin.write(value, done))
    sent += value.length
  }
  const code = await ended
  if (code !== 0) throw new Error(`dieharder ${args.join(' ')} exited with ${code}\n${output}`)
  const rows = [
    ...output.matchAll(/^\s*(\w+)\|\s*(\d+)\|\s*(\d+)\|\s*(\d+)\|\s*([\d.]+)\|\s*(PASSED|WEAK|FAILED)/gm),
  ].map((match) => match.slice(1))
  if (rows.length === 0) throw new Error(`dieharder ${args.join(' ')} printed no results\n${output}`)
  return { rows, sent }
}

async function runStream(name) {
  const chunks = STREAMS[name].chunks()
  const start = performance.now()
  const results = { rows: [], sent: 0 }
  for (const args of TESTS) {
    const { rows, sent } = await runTest(chunks, args)
    results.sent += sent
    for (const row of rows) {
      results.rows.push(row)
      console.log([name, ...row].join('  '))
    }
  }
  console.log(
    `${name}: ${(results.sent / 1e9).toFixed(1)} GB, ${((performance.now() - start) / 60e3).toFixed(1)} min`,
  )
  return results
}

const formatTest = ([test, ntuple, , times]) => `${test}${ntuple === '0' ? '' : `, ${ntuple}`} (${times})`
const formatResult = ([, , , , p, verdict]) =>
  `${Number(p).toFixed(4)}${verdict === 'PASSED' ? '' : ` ${verdict}`}`

/** The page: a row for each test, a column for each stream. */
function generatePage(results) {
  const names = Object.keys(STREAMS).filter((name) => results[name])
  const table = results[names[0]].rows.map((row, i) => [
    formatTest(row),
    ...names.map((name) => formatResult(results[name].rows[i])),
  ])
  const count = (verdict) => [
    verdict,
    ...names.map((name) => String(results[name].rows.filter((row) => row[5] === verdict).length)),
  ]
  return `# The draws through dieharder

Generated by \`node scripts/checks/dieharder.mjs\` and \`--docs\`, with dieharder 3.31.1. P-values differ from run to run, because each test discards some of the bits that it receives.

The tests of a stream of raw bits read it one after the other, without rewinding:

${names.map((name) => `- **${name}**: ${STREAMS[name].what}; ${(results[name].sent / 1e9).toFixed(1)} GB sent.`).join('\n')}

${formatTable([['verdicts on the p-values below', ...names], count('PASSED'), count('WEAK'), count('FAILED')])}

WEAK is a p-value below 0.005 or above 0.995. Chance gives one in a hundred, so it is not a failure; urandom has them too. FAILED is a p-value below 0.000001 or above 0.999999, which chance gives once in half a million.

${EXCEPTIONS}

${formatTable([['test, parameter (p-values combined)', ...names], ...table])}
`
}

const { values: flags, positionals } = parseArgs({
  options: { docs: { type: 'boolean', default: false } },
  allowPositionals: true,
})
for (const name of positionals)
  if (!STREAMS[name])
    throw new Error(`"stream" must be one of ${Object.keys(STREAMS).join(', ')}; received ${name}`)
setPriority(19)
mkdirSync('build', { recursive: true })
const log = 'build/dieharder.json'
const readResults = () => (existsSync(log) ? JSON.parse(readFileSync(log, 'utf8')) : {})
if (flags.docs) writeFileSync('docs/reference/dieharder.md', generatePage(readResults()))
else {
  for (const name of positionals.length > 0 ? positionals : Object.keys(STREAMS)) {
    const results = await runStream(name)
    writeFileSync(log, JSON.stringify({ ...readResults(), [name]: results }, null, 1))
  }
}
