/** The command line: bad usage and input, help, and memory use. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PRESETS, planModel } from '../../src/models/index.ts'
import { estimatePeakMemory } from '../../src/cli/peak-memory.ts'
import { createTempFolder, runSimdinit, TINY_CONFIG } from '../support/run-simdinit.ts'
import { itSlow, pickByTier } from '../support/tier.ts'

/** A folder with inputs that cannot be used. */
function inputs(): string {
  const cwd = createTempFolder()
  const write = (name: string, text: string) => writeFileSync(join(cwd, name), text)
  write('broken.json', '{"n_embd": 8,')
  write('proto.json', '{"model_type": "gpt2", "__proto__": {"n_embd": 8}}')
  write('negative.json', JSON.stringify({ ...TINY_CONFIG, n_embd: -1 }))
  write('huge.json', '{"model_type": "gpt2", "n_embd": 1e400}')
  write('rwkv.json', '{"model_type": "rwkv"}')
  write('tiny.json', JSON.stringify(TINY_CONFIG))
  write('recipe.json', '{"format": 1, "rules": [{"match": "**.bias", "strategy": {"type": "zeros"}}]}')
  write('deep.json', `{"model_type": "gpt2", "extra": ${'['.repeat(1e5)}${']'.repeat(1e5)}}`)
  write('escapes.json', JSON.stringify({ ...TINY_CONFIG, n_embd: 'a\n\u001b[31m' }))
  writeFileSync(join(cwd, 'latin1.json'), Buffer.from([0x7b, 0xe9, 0x7d]))
  execFileSync('mkfifo', [join(cwd, 'fifo')])
  mkdirSync(join(cwd, 'empty'))
  return cwd
}

describe('bad input prints one line, exits with 2 and writes nothing', () => {
  it.each<[string[], string]>(
    pickByTier(4, [
      [
        ['init', 'gpt3'],
        `"gpt3" is not a preset, a file or a folder (did you mean "gpt2"?); presets: ${Object.keys(PRESETS).join(', ')}`,
      ],
      [['init', './gpt2'], './gpt2: no such file or folder'],
      [['init', 'empty'], 'empty contains no config.json'],
      [['init', 'fifo'], 'fifo is not a regular file'],
      [['init', '/dev/zero'], '/dev/zero is not a regular file'],
      [['init', 'deep.json'], 'deep.json is nested more than 64 levels deep'],
      [
        ['init', 'escapes.json'],
        'escapes.json: "n_embd" must be an integer from 1 to 2147483648; received "a\\n\\u001b[31m"',
      ],
      [['init', 'latin1.json'], 'latin1.json is not UTF-8 text'],
      [['init', 'tiny.json', '--out', ''], '--out must be a folder name; received ""'],
      [['init', 'missing.json'], 'missing.json: no such file or folder'],
      [['init', 'broken.json'], 'broken.json is not valid JSON: '],
      [['init', 'proto.json'], 'proto.json: the key "__proto__" is not allowed'],
      [
        ['init', 'negative.json'],
        'negative.json: "n_embd" must be an integer from 1 to 2147483648; received -1',
      ],
      [
        ['init', 'huge.json'],
        'huge.json: "n_embd" must be an integer from 1 to 2147483648; received Infinity',
      ],
      [['init', 'rwkv.json'], 'rwkv.json: "model_type" must be one of gpt2, bert, t5, mt5, llama, '],
      [
        ['init', 'gpt2', '--dtype', 'bf61'],
        '--dtype must be one of f32, bf16, f16, f8_e4m3, f8_e5m2, float32, bfloat16, float16, float8_e4m3fn, float8_e5m2; received "bf61" (did you mean "bf16"?)',
      ],
      [['init', 'gpt2', '--seed', ''], '--seed must be a non-empty, well-formed string; received ""'],
      [
        ['init', 'gpt2', '--seed', '\uFFFD'],
        '--seed must be a non-empty, well-formed string; received "\uFFFD"',
      ],
      [['init', 'gpt2', '--threads', '0'], '--threads must be an integer from 1 to 256; received "0"'],
      [['init', 'gpt2', '--threads', '1.5'], '--threads must be an integer from 1 to 256; received "1.5"'],
      [
        ['init', 'gpt2', '--backend', 'wsm'],
        '--backend must be one of auto, wasm, js; received "wsm" (did you mean "wasm"?)',
      ],
      [['init', 'gpt2', '--recipe', 'hg'], '--recipe must be one of hf, gpt2-paper, megatron, '],
      [
        ['init', 'tiny.json', '--recipe', 'recipe.json'],
        'no rule of the recipe matches the parameter "transformer.wte.weight"',
      ],
      [['init', 'tiny.json', '--recipe', 'none.json'], 'none.json: no such file'],
      [
        ['init', 'tiny.json', '--recipe', 'torchtitan'],
        '--recipe must be one of hf, gpt2-paper, megatron, mup for gpt2; received "torchtitan"',
      ],
      [
        ['init', 'tiny.json', '--set', 'layers=2'],
        '--set must name a field of the config; received "layers" (fields: ',
      ],
      [
        ['init', 'tiny.json', '--set', 'n_layer=2', '--set', 'n_embd=x'],
        '--set must be a number for "n_embd", which is 8; received "x"',
      ],
      [['init', 'tiny.json', '--out', '/sys/simdinit'], '/sys/simdinit cannot be written: permission denied'],
      [
        ['init', 'tiny.json', '--out', '/proc/simdinit/x'],
        '/proc/simdinit/x cannot be written: no such file or folder',
      ],
      [['init', 'tiny.json', '--out', 'tiny.json'], 'tiny.json is a file, not a folder'],
      [['init', 'tiny.json', '--out', 'tiny.json/x'], 'tiny.json/x is a file, not a folder'],
      [['verify', 'tiny.json'], 'tiny.json is a file, not a folder'],
      [['verify', 'missing'], 'missing contains no simdinit.json'],
      [['verify', 'empty', '--sample', 'x'], '--sample must be an integer >= 1; received "x"'],
    ]),
  )('%j', async (args, sentence) => {
    const cwd = inputs()
    const before = readdirSync(cwd)
    const { code, stdout, stderr } = await runSimdinit(args, { cwd })
    expect(stderr.startsWith(`simdinit: ${sentence}`), stderr).toBe(true)
    expect(stderr.trimEnd()).not.toContain('\n')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(readdirSync(cwd)).toEqual(before)
  })

  it.each(
    pickByTier(2, [
      [['init', 'gpt2', '--dtpe', 'bf16'], "unknown option '--dtpe'\n(Did you mean --dtype?)"],
      [['innit', 'gpt2'], "unknown command 'innit'\n(Did you mean init?)"],
      [['init'], "missing required argument 'model'"],
      [['init', 'gpt2', 'out'], 'too many arguments'],
    ] as [string[], string][]),
  )('%j prints a suggestion or the usage', async (args, sentence) => {
    const { code, stderr, stdout } = await runSimdinit(args)
    expect(stderr).toContain(sentence)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

describe('help', () => {
  it.each(pickByTier(1, [['init'], [], ['verify'], ['models'], ['recipes'], ['strategies']]))(
    '%s prints its usage and options, and exits with 0',
    async (...command) => {
      const { code, stdout, stderr } = await runSimdinit([...command.flat(), '--help'])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain('Usage: simdinit')
      if (command.flat().length > 0)
        for (const flag of ['--threads', '--backend', '--json', '--quiet', '--help'])
          expect(stdout).toContain(flag)
    },
  )

  itSlow('lists presets, recipes and strategies, for people and machines', async () => {
    expect((await runSimdinit(['models'])).stdout).toContain('gpt2-xl')
    expect(Object.keys(PRESETS)).toEqual(JSON.parse((await runSimdinit(['models', '--json'])).stdout).presets)
    expect(JSON.parse((await runSimdinit(['recipes', '--json'])).stdout)).toContainEqual(
      expect.objectContaining({ name: 'hf' }),
    )
    expect((await runSimdinit(['strategies'])).stdout).toContain('heNormal')
  })
})

describe('a plan from the command line', () => {
  it('applies --set to the config', async () => {
    const args = [
      'init',
      'gpt3-175b',
      '--set',
      'num_hidden_layers=1',
      '--set',
      'n_embd=96',
      '--dry-run',
      '--json',
    ]
    const { tensors } = JSON.parse((await runSimdinit(args)).stdout)
    expect(tensors.length).toBe(16)
    expect(tensors.at(-1)).toMatchObject({ name: 'transformer.wte.weight', shape: [50257, 96] })
  })

  itSlow('is of 8 bits for matrices, and written', async () => {
    const cwd = createTempFolder()
    writeFileSync(join(cwd, 'tiny.json'), JSON.stringify(TINY_CONFIG))
    const { code, stderr } = await runSimdinit(
      ['init', 'tiny.json', '--dtype', 'f8_e4m3', '--recipe', 'mup:4', '--out', 'x'],
      { cwd },
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect((await runSimdinit(['verify', 'x'], { cwd })).code).toBe(0)
  })
})

describe('memory', () => {
  itSlow('does not grow with the model, and stays below the estimate of --dry-run', async () => {
    const cwd = createTempFolder()
    writeFileSync(join(cwd, 'tiny.json'), JSON.stringify(TINY_CONFIG))
    // reports the largest resident size of the process on file descriptor 2
    writeFileSync(
      join(cwd, 'probe.mjs'),
      "process.on('exit', () => console.error(process.resourceUsage().maxRSS))",
    )
    const prefix = ['env', `NODE_OPTIONS=--import=${join(cwd, 'probe.mjs')}`]
    const resident = async (...args: string[]) =>
      Number((await runSimdinit(['init', ...args, '--quiet'], { cwd, prefix })).stderr) * 1024
    const small = await resident('tiny.json', '--out', 'tiny')
    const large = await resident('gpt2', '--out', 'gpt2') // 498 MB
    expect(large).toBeLessThan(estimatePeakMemory(planModel(PRESETS.gpt2.config)).peakMemory)
    expect(large - small).toBeLessThan(80e6)
  })
})
