/** What the README shows is run, and what it lists is what there is. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { STRATEGY_TABLE } from '../src/cli/strategies.ts'
import { FAMILIES, planModel } from '../src/models/index.ts'
import { simdinit, TINY } from './support/command.ts'

const readme = readFileSync('README.md', 'utf8')
const fences = fencesOf(readme)

/** The code blocks of a page. */
function fencesOf(page: string): { language: string; code: string }[] {
  return [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({ language, code }))
}

/** The lines that a program prints, run within the package so that the package's name means itself. */
function linesOf(code: string): string[] {
  mkdirSync('build', { recursive: true })
  writeFileSync('build/readme.mjs', code)
  return execFileSync(process.execPath, ['build/readme.mjs'], { encoding: 'utf8' }).trimEnd().split('\n')
}

/** What the comments beside the calls of console.log say. */
function promisesOf(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*?\) \/\/ (.*)$/gm)].map(([, comment]) => comment)
}

describe('the guide of simdinit/random', () => {
  const programs = fencesOf(readFileSync('docs/random.md', 'utf8')).filter(
    ({ language }) => language === 'js',
  )

  it.each(programs)('shows a program that prints what its comments say: $code', ({ code }) => {
    expect(promisesOf(code).length).toBeGreaterThan(0)
    expect(linesOf(code)).toEqual(promisesOf(code))
  })

  it('has a program for every task', () => expect(programs.length).toBeGreaterThan(7))
})

describe('the guide to browsers', () => {
  const guide = readFileSync('docs/browsers.md', 'utf8')
  const app = (file: string) => readFileSync(`test/browsers/app/${file}`, 'utf8')

  it('shows the import map and the worker that the apps of the tests have', () => {
    const [map] = /<script type="importmap">[\s\S]*?<\/script>/.exec(guide)!
    expect(app('import-map.html')).toContain(map)
    const [worker] = /^const worker = .*$/m.exec(guide)!
    expect(app('main.js')).toContain(worker)
  })
})

describe('the README', () => {
  it('has an example that prints what its comments say', () => {
    const { code } = fences.find(({ language }) => language === 'js')!
    expect(linesOf(code)).toEqual(promisesOf(code).map((comment) => comment.split(',')[0]))
  })

  it('lists every family', () => {
    for (const { type } of FAMILIES) expect(readme).toMatch(new RegExp(`^- Models: .*\\b${type}\\b`, 'm'))
  })

  it('lists every strategy with its formula, as the command does', () => {
    for (const { name, values } of STRATEGY_TABLE) {
      const word = name.replace(/\(.*/, '')
      if (readme.includes(`| \`${word}(`)) expect(readme).toContain(`| \`${name}\` | ${values} |`)
      else expect(readme).toMatch(new RegExp(`formula of their place or draw: .*\`${word}\``))
    }
  })

  it('shows commands that exist, with options that exist', async () => {
    const commands = fences
      .flatMap(({ code }) => code.split('\n'))
      .filter((line) => line.startsWith('simdinit '))
    expect(commands.length).toBeGreaterThan(3)
    for (const line of commands) {
      const [, command, ...rest] = line.split('#')[0].trim().split(/\s+/)
      const { stdout } = await simdinit([command, '--help'])
      for (const option of rest.filter((word) => word.startsWith('--'))) expect(stdout).toContain(option)
    }
  })

  it('leads to a recipe that plans a model', () => {
    const [, recipe] = /^```json\n([\s\S]*?)^```$/m.exec(readFileSync('docs/checkpoints.md', 'utf8'))!
    const { files } = planModel(TINY, { recipe: JSON.parse(recipe) })
    expect(files[0].tensors.find(({ name }) => name.endsWith('wte.weight'))?.distribution).toEqual({
      type: 'normal',
      mean: 0,
      std: 0.01,
    })
  })

  it('links to files that exist', () => {
    for (const file of [
      'README.md',
      'README.zh-CN.md',
      'CONTRIBUTING.md',
      'docs/browsers.md',
      'docs/checkpoints.md',
      'docs/random.md',
      'docs/strategies.md',
      'docs/stream.md',
      'docs/tfjs.md',
    ]) {
      const links = readFileSync(file, 'utf8').matchAll(/\]\((?!http|#)([^)#]+)/g)
      for (const [, link] of links)
        expect(
          () => readFileSync(new URL(link, `file://${process.cwd()}/${file}`)),
          `${file}: ${link}`,
        ).not.toThrow(/ENOENT/)
    }
  })
})
