/** Links between the pages: every file and heading that a page links to exists, and the index leads to every page. */

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

// Only tracked and untracked files, without ignored ones: packages contain pages of their own.
const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((page) => existsSync(page))

/** The text without code, in which brackets are not links. */
function readProse(page: string): string {
  return readFileSync(page, 'utf8')
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, '')
}

/** The relative links of a page, images included. */
function readLinks(page: string): string[] {
  const prose = readProse(page)
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)]
  const definitions = [...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)]
  const html = [...prose.matchAll(/<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)="([^"]+)"/g)]
  return [...inline, ...definitions, ...html].map(([, link]) => link).filter((link) => !/^[a-z]+:/.test(link))
}

/** The anchors that GitHub gives to the headings of a page. */
function readAnchors(page: string): Set<string> {
  const text = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```$/gm, '')
  const anchors = new Set([...text.matchAll(/\b(?:id|name)="([^"]+)"/g)].map(([, id]) => id))
  for (const [, heading] of text.matchAll(/^#{1,6} +(.*?)(?: +#+)?$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-')
    let anchor = slug
    for (let i = 1; anchors.has(anchor); i++) anchor = `${slug}-${i}`
    anchors.add(anchor)
  }
  return anchors
}

function resolveLink(page: string, link: string): { file: string; anchor?: string } {
  const [path, anchor] = link.split('#').map(decodeURIComponent)
  return { file: path ? normalize(join(page, '..', path)) : page, anchor }
}

function findProblem(page: string, link: string): string | undefined {
  const { file, anchor } = resolveLink(page, link)
  if (!existsSync(file)) return `${link}: there is no ${file}`
  if (anchor && file.endsWith('.md') && !readAnchors(file).has(anchor))
    return `${link}: ${file} has no heading #${anchor}`
  return undefined
}

describe('the pages', () => {
  it.each(pages)('link to files and headings that exist: %s', (page) => {
    expect(readLinks(page).flatMap((link) => findProblem(page, link) ?? [])).toEqual([])
  })

  it('have links', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/index.md']))
    expect(readLinks('docs/index.md').length).toBeGreaterThan(10)
    expect(findProblem('README.md', 'docs/missing.md')).toContain('there is no docs/missing.md')
    expect(findProblem('README.md', 'docs/index.md#missing')).toContain('has no heading #missing')
  })

  it('are reachable: every file of docs/ from docs/index.md, and docs/index.md from the README', () => {
    const reached = new Set(['docs/index.md'])
    for (const page of reached) {
      if (!page.endsWith('.md')) continue
      for (const link of readLinks(page)) {
        const { file } = resolveLink(page, link)
        if (file.startsWith('docs/') && existsSync(file)) reached.add(file)
      }
    }
    const files = readdirSync('docs', { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
    expect(files.filter((file) => !reached.has(file))).toEqual([])
    expect(readLinks('README.md')).toContain('docs/index.md')
  })
})
