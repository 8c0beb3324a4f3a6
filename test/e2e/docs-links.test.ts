/** Every link of the pages leads somewhere, and every page of docs/ is reachable from docs/index.md. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

const files = readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((file) => join('docs', file))
const pages = files.filter((file) => file.endsWith('.md'))
const INDEX = 'docs/index.md'

interface Link {
  file: string
  anchor?: string
}

/** A page without its code, in which brackets are no links. */
const prose = (page: string) => readFileSync(page, 'utf8').replaceAll(/^```[\s\S]*?^```$|`[^`\n]+`/gm, '')

/** The links of a page to files of this repository. */
function linksOf(page: string): Link[] {
  return [...prose(page).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, path, anchor]) => ({
    file: path ? normalize(join(dirname(page), path)) : page,
    anchor,
  }))
}

/** The anchors of a page's headings, as GitHub derives them. */
function anchorsOf(page: string): string[] {
  const headings = readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)
  return [...headings].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('the documentation', () => {
  it.each(['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pages])(
    'has no dead link in %s',
    (page) => {
      const dead = linksOf(page).filter(
        ({ file, anchor }) => !existsSync(file) || (anchor && !anchorsOf(file).includes(anchor)),
      )
      expect(dead).toEqual([])
    },
  )

  it('has every file reachable from docs/index.md', () => {
    const reached = new Set([INDEX])
    for (const page of reached) {
      if (!page.endsWith('.md')) continue
      for (const { file } of linksOf(page)) if (file.startsWith('docs/')) reached.add(file)
    }
    expect(files.filter((file) => /\.\w+$/.test(file)).filter((file) => !reached.has(file))).toEqual([])
  })

  it('is linked from the README', () => {
    expect(linksOf('README.md').map(({ file }) => file)).toContain(INDEX)
  })
})
