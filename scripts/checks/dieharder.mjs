/**
 * The draws through dieharder (Brown, Eddelbuettel and Bauer, 3.31.1; Debian's package `dieharder`), four ways of
 * putting them in a row and /dev/urandom beside them as the control.
 *
 *   node scripts/checks/dieharder.mjs [stream ...]     after `npm run build`; some minutes a stream
 *   node scripts/checks/dieharder.mjs --docs           makes docs/reference/dieharder.md of what has been run
 *
 * Streams: tensor, blocks, names, seeds, urandom; all of them if none is named. What one gave is kept in
 * build/dieharder.json, so that they can be run one by one.
 *
 * dieharder reads its standard input. It is never rewound: each test has what comes after the bytes that the one before took.
 */

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parseArgs } from 'node:util'
import { markdown } from '../../bench/harness.mjs'
import { WasmBackend } from '../../dist/engine/wasm-backend.js'
import { BLOCK_SIZE, deriveKey } from '../../dist/rng/stream.js'

/** What `dieharder -a` runs, but for what DROPPED says: [arguments]. */
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

const DROPPED = `All tests of \`dieharder -a\` with its own numbers of samples, but for four: diehard_sums is left out (its authors mark it "Do Not Use"); marsaglia_tsang_gcd has 10 p-values in place of 100; rgb_bitdist has the widths 1, 2, 4, 8 and 12 of 1 to 12; rgb_lagged_sum has the lags 0, 1, 3, 7 and 15 of 0 to 32. The whole \`-a\` reads some 230 GB a stream, most of it for the other lags.`

/** Each gives chunks of bytes without an end. */
const STREAMS = {
  tensor: {
    what: 'the draws of one tensor, lanes interleaved, as they are mapped to its elements',
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

const draws = new Float32Array(2 ** 16) // bit patterns; the backend writes no other array
const bytes = new Uint8Array(draws.buffer)
const module = await WebAssembly.compile(readFileSync('build/kernel.wasm'))
const backend = new WasmBackend({ module, memoryBytes: 2 ** 20 })

function draw(key, first, at, count) {
  backend.fill({
    job: { key, transform: { kind: 'bits' }, dtype: 'f32' },
    target: draws,
    targetOffset: at,
    first,
    count,
  })
}

/** Runs one test on what comes next of a stream: its rows [test, ntuple, samples, p-values, p, verdict]. */
async function test(chunks, args) {
  const child = spawn('dieharder', ['-g', '200', ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  let running = true
  child.on('exit', () => (running = false))
  child.stdin.on('error', () => (running = false)) // it has read enough
  let sent = 0
  while (running) {
    // the chunk is one array that is written again and again: wait until it is on its way
    const { value } = chunks.next()
    await new Promise((done) => child.stdin.write(value, done))
    sent += value.length
  }
  const code = await ended
  if (code !== 0) throw new Error(`dieharder ${args.join(' ')} ended with ${code}\n${said}`)
  const rows = [
    ...said.matchAll(/^\s*(\w+)\|\s*(\d+)\|\s*(\d+)\|\s*(\d+)\|\s*([\d.]+)\|\s*(PASSED|WEAK|FAILED)/gm),
  ].map((match) => match.slice(1))
  if (rows.length === 0) throw new Error(`dieharder ${args.join(' ')} said nothing that can be read\n${said}`)
  return { rows, sent }
}

async function run(name) {
  const chunks = STREAMS[name].chunks()
  const begun = performance.now()
  const found = { rows: [], sent: 0 }
  for (const args of TESTS) {
    const { rows, sent } = await test(chunks, args)
    found.sent += sent
    for (const row of rows) {
      found.rows.push(row)
      console.log([name, ...row].join('  '))
    }
  }
  console.log(
    `${name}: ${(found.sent / 1e9).toFixed(1)} GB, ${((performance.now() - begun) / 60e3).toFixed(1)} min`,
  )
  return found
}

const label = ([test, ntuple, , times]) => `${test}${ntuple === '0' ? '' : `, ${ntuple}`} (${times})`
const cell = ([, , , , p, verdict]) => `${Number(p).toFixed(4)}${verdict === 'PASSED' ? '' : ` ${verdict}`}`

/** The page: a row a test, a column a stream. */
function page(results) {
  const names = Object.keys(STREAMS).filter((name) => results[name])
  const table = results[names[0]].rows.map((row, i) => [
    label(row),
    ...names.map((name) => cell(results[name].rows[i])),
  ])
  const count = (verdict) => [
    verdict,
    ...names.map((name) => String(results[name].rows.filter((row) => row[5] === verdict).length)),
  ]
  return `# The draws through dieharder

Made by \`node scripts/checks/dieharder.mjs\` and \`--docs\`, with dieharder 3.31.1. Another run has other p-values, since each test leaves some of the bits that it was sent.

Streams of raw bits, sent on from test to test and never rewound:

${names.map((name) => `- **${name}**: ${STREAMS[name].what}; ${(results[name].sent / 1e9).toFixed(1)} GB sent.`).join('\n')}

${markdown([['of the p-values below are', ...names], count('PASSED'), count('WEAK'), count('FAILED')])}

WEAK is a p-value below 0.005 or above 0.995, one in a hundred by chance, and no failure: urandom has them too. FAILED is one below 0.000001 or so near 1, which chance gives once in half a million.

${DROPPED}

${markdown([['test, parameter (number of p-values in one)', ...names], ...table])}
`
}

const { values: flags, positionals } = parseArgs({
  options: { docs: { type: 'boolean', default: false } },
  allowPositionals: true,
})
for (const name of positionals) if (!STREAMS[name]) throw new Error(`no stream is named ${name}`)
setPriority(19)
mkdirSync('build', { recursive: true })
const log = 'build/dieharder.json'
const results = () => (existsSync(log) ? JSON.parse(readFileSync(log, 'utf8')) : {})
if (flags.docs) writeFileSync('docs/reference/dieharder.md', page(results()))
else {
  for (const name of positionals.length > 0 ? positionals : Object.keys(STREAMS)) {
    const found = await run(name)
    writeFileSync(log, JSON.stringify({ ...results(), [name]: found }, null, 1))
  }
}
