/**
 * README.zh-CN.md matches README.md: the same headings, programs, tables, code, links and figures, section by section;
 * only words are translated. A failure names the section, and shows what only one of the two contains.
 */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FAMILIES } from '../../src/models/index.ts'

interface Section {
  level: number
  title: string
  /** Programs with their language, without their comments. */
  programs: string[]
  /** Text outside of programs. */
  text: string
}

/** A page, split at its headings. */
function sectionsOf(file: string): Section[] {
  const sections: Section[] = []
  let program: string[] | undefined
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const heading = /^(#+) (.*)/.exec(line)
    if (heading && !program)
      sections.push({ level: heading[1].length, title: heading[2], programs: [], text: '' })
    const section = sections.at(-1)!
    if (program && line === '```') {
      section.programs.push(program.join('\n'))
      program = undefined
    } else if (program) program.push(line.replace(/(^|\s)(\/\/|#)\s.*$/, '').trimEnd())
    else if (line.startsWith('```')) program = [line]
    else section.text += `${line}\n`
  }
  return sections
}

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found)
const set = (list: string[]) => [...new Set(list)].toSorted()

/** The parts that a translation keeps: code, links and figures. */
function kept({ programs, text }: Section) {
  const words = text.replaceAll(/`[^`]+`|\]\([^)]+\)/g, '')
  return {
    programs,
    /** The first cell of every table row, if it is code. */
    rows: all(text, /^\| `([^`]+)` \|/gm),
    code: all(text, /`([^`]+)`/g).toSorted(),
    links: all(text, /\]\(([^)]+)\)/g).filter((link) => !/^README(\.zh-CN)?\.md$/.test(link)),
    figures: set(all(words, /(\d[\d.,]*\d|\d)/g)),
  }
}

const english = sectionsOf('README.md')
const chinese = sectionsOf('README.zh-CN.md')

describe('README.zh-CN.md', () => {
  it('has the headings of README.md', () => {
    const levels = (sections: Section[]) => sections.map(({ level }) => level)
    expect(levels(chinese)).toEqual(levels(english))
    expect(english.length).toBeGreaterThan(5)
  })

  it.each(english.map((section, i) => [section.title, section, chinese[i]] as const))(
    'has the programs (apart from comments), tables, code, links and figures of README.md in "%s"',
    (_, section, translated) => {
      expect(translated, 'the section').toBeDefined()
      expect(kept(translated)).toEqual(kept(section))
    },
  )

  it('is written in Chinese', () => {
    for (const { title, text } of chinese) {
      const prose = text.replaceAll(/`[^`]+`|\]\([^)]+\)|[\s\d|\p{P}\p{S}]/gu, '')
      const share = (prose.match(/\p{Script=Han}/gu)?.length ?? 0) / prose.length
      expect(share, title).toBeGreaterThan(0.3)
    }
  })

  it('lists every family', () => {
    const page = readFileSync('README.zh-CN.md', 'utf8')
    for (const { type } of FAMILIES) expect(page).toMatch(new RegExp(`^- 模型：.*\\b${type}\\b`, 'm'))
  })

  it('links to README.md, and README.md to it', () => {
    expect(readFileSync('README.md', 'utf8')).toContain('](README.zh-CN.md)')
    expect(readFileSync('README.zh-CN.md', 'utf8')).toContain('](README.md)')
  })
})
