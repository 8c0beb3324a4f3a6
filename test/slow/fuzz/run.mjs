/**
 * `npm run test:fuzz`, `npm run test:fuzz -- 600`: runs Jazzer.js on the reader and on configs, for this many seconds
 * each (default 60). Its package is installed in this folder on the first run. The native part of Jazzer.js needs
 * glibc 2.38 or later: without it this is skipped with a message, or fails with SIMDINIT_FUZZ=1. An input that fails is
 * kept in build/fuzz/.
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled } from '../../../scripts/ensure-installed.mjs'

const here = import.meta.dirname
const root = join(here, '../../..')
const out = join(root, 'build/fuzz')
const seconds = Number(process.argv[2] ?? 60)
if (!(seconds >= 1)) throw new Error(`a number of seconds was expected, not ${process.argv[2]}`)

if (!ensureInstalled(here)) process.exit(1)
const load = spawnSync(process.execPath, ['-e', "require('@jazzer.js/fuzzer')"], {
  cwd: here,
  encoding: 'utf8',
})
if (load.status !== 0) {
  const why = /Error: .*/.exec(load.stderr)?.[0] ?? load.stderr
  console.log(`skip  Jazzer.js does not run here: ${why}`)
  process.exit(process.env.SIMDINIT_FUZZ === '1' ? 1 : 0)
}

const configs = readdirSync(`${root}/test/fixtures/models`).flatMap((file) =>
  JSON.parse(readFileSync(`${root}/test/fixtures/models/${file}`, 'utf8')).models.map(({ config }) =>
    JSON.stringify(config),
  ),
)
const A = '"dtype":"F32","shape":[1],"data_offsets":[0,4]'
const seeds = {
  reader: [
    `\x04{"a":{${A}}}`,
    `\x08{"__metadata__":{"format":"pt"},"\\u00e9":["F4",[2,4],[4,8]],"a":{${A},"x":[1e3,null,{"y":"\\ud83d\\ude00"}]}}`,
    '\x00{"a":{"dtype":{"U8":null},"shape":[0,18446744073709551615],"data_offsets":[0,0]}}',
  ],
  json: [
    ...configs,
    '{"metadata":{},"weight_map":{"a":"model-00001-of-00002.safetensors"}}',
    '{"format":1,"rules":[{"match":"**","strategy":{"type":"normal","mean":0,"std":0.02}}]}',
  ],
  config: ['\x00\x01\x02\x03\x04\x05\x06\x07'],
}
for (const [target, inputs] of Object.entries(seeds)) {
  const corpus = join(out, target)
  mkdirSync(corpus, { recursive: true })
  for (const [i, input] of inputs.entries()) writeFileSync(join(corpus, `seed-${i}`), input)
  const fuzzer = `${here}/node_modules/@jazzer.js/core/dist/cli.js`
  const options = [`-max_total_time=${seconds}`, `-artifact_prefix=${out}/${target}-`]
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      fuzzer,
      join(here, `${target}.fuzz.mjs`),
      '--includes=dist/',
      '--timeout=120000',
      corpus,
      '--',
      ...options,
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 },
  )
  const done = /Done \d+ runs.*/.exec(stderr)?.[0]
  if (status === 0 && done) console.log(`ok    ${target}: ${done.toLowerCase()}`)
  else {
    process.exitCode = 1
    console.log(`FAIL  ${target}\n${stderr.slice(-4000)}`)
  }
}
