/** Runs the programs and commands of the README, and checks its lists for completeness. */

import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, readdirSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { STRATEGY_TABLE } from '../../src/cli/strategy-table.ts'
import { FAMILIES, planModel } from '../../src/models/index.ts'
import { runExamples } from '../support/examples.ts'
import { createTempFolder, runSimdinit, TINY_CONFIG } from '../support/run-simdinit.ts'
import { itSlow } from '../support/tier.ts'

const readme = readFileSync('README.md', 'utf8')
const readmes = [readme, readFileSync('README.zh-CN.md', 'utf8')]
const fences = fencesOf(readme)
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))

/** The code blocks of a page. */
function fencesOf(page: string): { language: string; code: string }[] {
  return [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({ language, code }))
}

/** Programs that all run in one process, with the lines that each prints. */
function runPrograms(pages: readonly string[]) {
  const programs = pages.flatMap(fencesOf).filter(({ language }) => language === 'js')
  const results = runExamples(programs.map(({ code }, i) => ({ id: `${i}`, code })))
  return programs.map(({ code }, i) => ({ code, ...results[i] }))
}

/** All files of a folder and its subfolders. */
const filesIn = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' })

/** The output that the comments after calls of console.log promise. */
function promisesOf(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*?\) \/\/ (.*)$/gm)].map(([, comment]) => comment)
}

describe('the guide to simdinit/random', () => {
  const programs = runPrograms([readFileSync('docs/guides/random.md', 'utf8')])

  it.each(programs)(
    'shows a program that prints what its comments promise: $code',
    ({ code, error, printed }) => {
      expect(error).toBeUndefined()
      expect(promisesOf(code).length).toBeGreaterThan(0)
      expect(printed).toEqual(promisesOf(code))
    },
  )

  it('has a program for every task', () => expect(programs.length).toBeGreaterThan(7))
})

describe('the guide to browsers', () => {
  const guide = readFileSync('docs/guides/browsers.md', 'utf8')
  const app = (file: string) => readFileSync(`test/e2e/browsers/app/${file}`, 'utf8')

  it('shows the import map and the worker that the test apps use', () => {
    const [map] = /<script type="importmap">[\s\S]*?<\/script>/.exec(guide)!
    expect(app('import-map.html')).toContain(map)
    const [worker] = /^const worker = .*$/m.exec(guide)!
    expect(app('main.js')).toContain(worker)
  })
})

describe('the README', () => {
  it('contains programs and commands in each language, all of which run here', () => {
    const commandsOf = (page: string) =>
      fencesOf(page)
        .filter(({ language }) => language !== 'js')
        .flatMap(({ code }) => code.trimEnd().split('\n'))
        .map((line) => line.split('#')[0].trim())
    for (const page of readmes) {
      expect(page.match(/^\s*(```|~~~)/gm)).toHaveLength(2 * fencesOf(page).length) // every fence is found
      expect(commandsOf(page)).toEqual(commandsOf(readme))
    }
    for (const command of commandsOf(readme)) expect(command).toMatch(/^(simdinit|npm) /)
  })

  it.each(runPrograms(readmes))(
    'has an example that prints what its comments promise',
    ({ code, error, printed }) => {
      expect(error).toBeUndefined()
      expect(promisesOf(code).length).toBeGreaterThan(0)
      expect(printed).toEqual(promisesOf(code).map((comment) => comment.split(/[,，]/)[0]))
    },
  )

  it('lists every family', () => {
    for (const { type } of FAMILIES) expect(readme).toMatch(new RegExp(`^- Models: .*\\b${type}\\b`, 'm'))
  })

  it('lists every strategy with its formula, like the command', () => {
    for (const { name, values } of STRATEGY_TABLE) {
      const word = name.replace(/\(.*/, '')
      if (readme.includes(`| \`${word}(`)) expect(readme).toContain(`| \`${name}\` | ${values} |`)
      else expect(readme).toMatch(new RegExp(`each element from a formula: .*\`${word}\``))
    }
  })

  itSlow(
    'shows commands that work as described, one after the other',
    { timeout: 900_000 },
    async (context) => {
      const cwd = createTempFolder()
      const { bavail, bsize } = statfsSync(cwd)
      if (bavail * bsize < 4e9) context.skip(`4 GB are needed in ${cwd}`)
      const llama = { model_type: 'llama', hidden_size: 8, intermediate_size: 16, num_hidden_layers: 3 }
      const config = { ...llama, num_attention_heads: 2, vocab_size: 101 }
      mkdirSync(join(cwd, 'path/to/folder'), { recursive: true })
      for (const file of ['path/to/config.json', 'path/to/folder/config.json'])
        writeFileSync(join(cwd, file), JSON.stringify(config))
      writeFileSync(join(cwd, 'path/to/folder/tokenizer.json'), '{}')

      const outcomes = new Map<string, { stdout: string; made: string[] }>()
      for (const line of fences.flatMap(({ code }) => code.split('\n'))) {
        if (!line.startsWith('simdinit ')) continue
        const [, ...args] = line.split('#')[0].trim().split(/\s+/)
        const before = new Set(filesIn(cwd))
        const { code, stdout, stderr } = await runSimdinit(args, { cwd })
        expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' })
        outcomes.set(args.join(' '), { stdout, made: filesIn(cwd).filter((file) => !before.has(file)) })
        if (args[1] === 'gpt2')
          linkSync(join(cwd, 'gpt2-init/model.safetensors'), join(cwd, 'model.safetensors'))
      }

      const of = (words: string) => [...outcomes].find(([args]) => args.startsWith(words))![1]
      for (const name of ['model.safetensors', 'config.json', 'simdinit.json'])
        expect(of('init gpt2').made).toContain(`gpt2-init/${name}`)
      expect(of('init path/to/folder').made).toContain('folder-init/tokenizer.json')
      expect(of('init gpt2-xl --dry-run').made).toEqual([])
      expect(of('init gpt2-xl --dry-run').stdout).toMatch(/transformer\.h\.47\.mlp\.c_proj\.weight/)
      expect(of('init gpt2-xl --max-shard-size').made.some((file) => file.endsWith('.safetensors'))).toBe(
        true,
      )
      expect(of('verify').stdout).toContain('every byte matches the manifest')
      expect(of('inspect').stdout).toContain('no problems found')
      expect(outcomes.size).toBe(7)
    },
  )

  it('begins with the command for GPT-2, and with the required runtime', () => {
    const commands = fences.flatMap(({ code }) => [...code.matchAll(/^npm (\S+)/gm)].map(([, word]) => word))
    expect(commands).toEqual(['start', 'test'])
    expect(scripts.test).toMatch(/ vitest run --project unit$/)
  })

  itSlow('begins with a command that generates GPT-2', () => {
    execFileSync('npm', ['start', '--silent'], { stdio: 'pipe' })
    const { seed, files } = JSON.parse(readFileSync('out/gpt2-init/simdinit.json', 'utf8'))
    expect({ seed, bytes: statSync('out/gpt2-init/model.safetensors').size }).toEqual({
      seed: '0',
      bytes: files[0].bytes,
    })
  })

  it('links to a recipe that can be planned', () => {
    const [, recipe] = /^```json\n([\s\S]*?)^```$/m.exec(readFileSync('docs/guides/checkpoints.md', 'utf8'))!
    const { files } = planModel(TINY_CONFIG, { recipe: JSON.parse(recipe) })
    expect(files[0].tensors.find(({ name }) => name.endsWith('wte.weight'))?.distribution).toEqual({
      type: 'normal',
      mean: 0,
      std: 0.01,
    })
  })
})
