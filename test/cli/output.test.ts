/** What the command prints: large results, and text that tries to control the terminal. */

import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { escapeHtml } from '../../src/cli/html-report.ts'
import { formatSafeJson } from '../../src/cli/escape.ts'
import { createProgress } from '../../src/cli/progress.ts'
import { formatTable } from '../../src/cli/table.ts'
import { init } from '../../src/node/index.ts'
import { createModelFolder } from '../support/folders.ts'
import { CLI_PATH, createTempFolder, runSimdinit } from '../support/run-simdinit.ts'
import { byTier, itSlow } from '../support/tier.ts'

it('prints every tensor of a model with more tensors than a call can have arguments', async () => {
  const cwd = createTempFolder()
  const layers = byTier(4, 190)
  const config = { model_type: 'deepseek_v3', num_hidden_layers: layers, first_k_dense_replace: 0 }
  writeFileSync(join(cwd, 'config.json'), JSON.stringify(config))
  const tensors = layers * (3 * 256 + 14) + 3
  const { stdout } = await runSimdinit(['init', 'config.json', '--dry-run'], { cwd })
  expect(stdout.match(/^ {2}(model|lm_head)\.\S*[wb]\S* .*\d$/gm)).toHaveLength(tensors)
  const json = JSON.parse((await runSimdinit(['init', 'config.json', '--dry-run', '--json'], { cwd })).stdout)
  expect(json.tensors).toHaveLength(tensors)
})

/** ESC, a C1 control, a change of direction, and what looks like a line of its own. */
const HOSTILE = '\u001b[1m\u009b\u202e\n done'

/** Everything that must not reach a terminal; line ends are tested for separately. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

describe('text from a file or an argument does not control the terminal', () => {
  it('in differences that verify finds, as text and as JSON', async () => {
    const cwd = createModelFolder()
    await init(join(cwd, 'model'), { out: join(cwd, 'out') })
    // a name of as many bytes and in the same place of the order, but of other values
    const [name, hostile] = ['transformer.wte.weight', 'transformer.w\u009b\u202e\nok']
    for (const file of ['model.safetensors', 'simdinit.json']) {
      const bytes = readFileSync(join(cwd, 'out', file))
      bytes.write(JSON.stringify(hostile), bytes.indexOf(`"${name}"`))
      writeFileSync(join(cwd, 'out', file), bytes)
    }
    const { code, stdout } = await runSimdinit(['verify', 'out'], { cwd })
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: 'out/model.safetensors: transformer.w\\u{9b}\\u{202e}\\u{a}ok differs starting at element 0\n',
    })
    const json = await runSimdinit(['verify', 'out', '--json'], { cwd })
    expect(json.stdout).not.toMatch(UNSAFE)
    expect(JSON.parse(json.stdout).differences[0].tensor).toBe(hostile)
  })

  it('in errors, of usage as well', async () => {
    for (const args of [['verify', HOSTILE], ['init', 'gpt2', `--${HOSTILE}`], [HOSTILE]]) {
      const { code, stdout, stderr } = await runSimdinit(args)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain('\\u{1b}[1m\\u{9b}\\u{202e}')
      expect(stderr).not.toMatch(UNSAFE)
    }
  })

  it('in JSON, which keeps the data', () => {
    const data = { [HOSTILE]: ['\u{e0001}\u2028\u00ad\u007f', 'é 你好 😀'] }
    for (const indent of [undefined, 2]) {
      const text = formatSafeJson(data, indent)
      expect(text).not.toMatch(UNSAFE)
      expect(text).toContain('é 你好 😀')
      expect(JSON.parse(text)).toEqual(data)
    }
  })

  it('in tables, which stay aligned, and in HTML', () => {
    const lines = formatTable(
      ['name', 'x'],
      [
        [HOSTILE, 'value'],
        ['b', 'value'],
      ],
    )
    expect(lines[1]).toBe('  \\u{1b}[1m\\u{9b}\\u{202e}\\u{a} done  value')
    expect(lines[2].indexOf('value')).toBe(lines[1].indexOf('value'))
    expect(escapeHtml(HOSTILE)).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})

it('shows no bar on a terminal that cannot move its cursor', async () => {
  const { isTTY } = process.stderr
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    process.stderr.isTTY = true
    for (const [term, count] of [
      ['dumb', 0],
      ['xterm', 1],
    ] as const) {
      vi.stubEnv('TERM', term)
      const progress = await createProgress('init', {})
      progress.start({ files: 1, bytes: 8, free: 9 })
      expect(write).toHaveBeenCalledTimes(count)
    }
  } finally {
    process.stderr.isTTY = isTTY
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  }
})

itSlow('writes escape sequences to a real terminal, unless it is dumb', async ({ skip }) => {
  if (!existsSync('/usr/bin/script')) skip('there is no script(1)')
  const cwd = createModelFolder()
  for (const [term, hasEscapes] of [
    ['dumb', false],
    ['xterm', true],
  ] as const) {
    const command = `${process.execPath} ${CLI_PATH} init model --out ${term}`
    const env = { ...process.env, TERM: term }
    const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], { cwd, env })
    expect(stdout).toContain('written in')
    expect(stdout.includes('\u001b')).toBe(hasEscapes)
  }
})
