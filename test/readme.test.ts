/** What the README shows is run, and what it lists is what there is. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { STRATEGY_TABLE } from '../src/cli/strategies.ts'
import { planModel } from '../src/models/index.ts'
import { simdinit, TINY } from './support/command.ts'

const readme = readFileSync('README.md', 'utf8')
const fences = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
  language,
  code,
}))

describe('the README', () => {
  it('has an example that prints what its comments say', () => {
    const { code } = fences.find(({ language }) => language === 'js')!
    mkdirSync('build', { recursive: true })
    writeFileSync('build/readme.mjs', code) // within the package, so that its name means itself
    const printed = execFileSync(process.execPath, ['build/readme.mjs'], { encoding: 'utf8' })
      .trimEnd()
      .split('\n')
    const promised = [...code.matchAll(/console\.log\(.*?\) \/\/ (.*)$/gm)].map(
      ([, comment]) => comment.split(',')[0],
    )
    expect(printed).toEqual(promised)
  })

  it('lists every strategy with its formula, as the command does', () => {
    for (const { name, values } of STRATEGY_TABLE) expect(readme).toContain(`| \`${name}\` | ${values} |`)
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
    for (const file of ['README.md', 'CONTRIBUTING.md', 'docs/checkpoints.md', 'docs/stream.md']) {
      const links = readFileSync(file, 'utf8').matchAll(/\]\((?!http|#)([^)#]+)/g)
      for (const [, link] of links)
        expect(
          () => readFileSync(new URL(link, `file://${process.cwd()}/${file}`)),
          `${file}: ${link}`,
        ).not.toThrow(/ENOENT/)
    }
  })
})
