/**
 * The site in a browser, for checks. `site.open({ hash, … })` returns a page that has finished loading; a console
 * message, a request to another origin or an exception makes the check that opened it fail.
 */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { page as folder } from '../../../site/build.mjs'
import { ISOLATED, serve } from '../../../site/server.mjs'
import { startChromium } from '../browsers/browsers.mjs'

const root = join(import.meta.dirname, '../../..')
const axe = readFileSync(join(root, 'site/node_modules/axe-core/axe.min.js'), 'utf8')

/** The timeout of any step in milliseconds, for busy machines. */
const PATIENCE = 120_000

const policy = (script) =>
  `default-src 'none'; script-src ${script}; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'`

/** The headers that the site may be served with. */
const POLICIES = {
  isolated: ISOLATED,
  /** A host without headers and in a subfolder, such as GitHub Pages. */
  open: {},
  /** No blobs, and no inline code or style. */
  strict: { ...ISOLATED, 'content-security-policy': policy("'self' 'wasm-unsafe-eval'") },
  nowasm: { ...ISOLATED, 'content-security-policy': policy("'self'") },
}

export const WIDTHS = { phone: 390, desktop: 1280 }

export class Site {
  static async start(shots) {
    const site = new Site()
    site.shots = shots
    site.browser = await startChromium()
    site.servers = {}
    for (const [name, headers] of Object.entries(POLICIES)) {
      const prefix = name === 'open' ? '/some/folder/' : '/'
      site.servers[name] = { prefix, ...(await serve(folder, { headers, prefix })) }
    }
    site.contexts = []
    return site
  }

  async end() {
    await this.browser.close()
    for (const server of Object.values(this.servers)) server.close()
  }

  /**
   * A page at a hash. `before(page)` runs before it is opened; `rest: false` does not wait until it is idle. `allow`
   * matches permitted console messages.
   */
  async open(options = {}) {
    const {
      hash = '',
      policy = 'isolated',
      width = WIDTHS.desktop,
      scheme = 'light',
      locale = 'en-GB',
    } = options
    const { origin, prefix } = this.servers[policy]
    const context = await this.browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: scheme,
      locale,
      acceptDownloads: true,
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE)
    const wrong = []
    page.on('console', (message) => {
      const said = `${message.type()}: ${message.text()}`
      if (!options.allow?.test(said)) wrong.push(said)
    })
    page.on('pageerror', (error) => wrong.push(`thrown: ${error.stack}`))
    page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`)) wrong.push(`asked: ${url}`)
    })
    this.contexts.push({ context, wrong })
    await options.before?.(page)
    await page.goto(`${origin}${prefix}${hash}`, { waitUntil: 'commit', timeout: PATIENCE })
    if (options.rest !== false) await rest(page)
    return page
  }

  /** A screenshot of the whole page. */
  async shoot(page, name) {
    await page.screenshot({ path: join(this.shots, `${name}.png`), fullPage: true })
  }

  /** Throws if a page of this check logged, requested or threw anything. */
  async closePages() {
    const contexts = this.contexts.splice(0)
    for (const { context } of contexts) await context.close()
    const wrong = contexts.flatMap((one) => one.wrong)
    assert.deepEqual(wrong, [], 'the page is silent, and asks nobody else')
  }
}

/** Waits until the part is shown and nothing in it is busy. */
export async function rest(page) {
  await page.waitForSelector('main h2', { timeout: PATIENCE })
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'), null, { timeout: PATIENCE })
}

/** axe finds no serious or critical violation. */
export async function accessible(page) {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ['violations'] }),
  )
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`,
    )
  assert.deepEqual(serious, [])
}

/** The page does not overflow horizontally. */
export async function fits(page) {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  assert.ok(wide <= room, `the page is ${wide} wide, in a window of ${room}`)
}

/** The address, after the delay with which the page updates it. */
export async function address(page, pattern) {
  await page.waitForFunction((source) => new RegExp(source).test(location.hash), pattern.source)
  return page.evaluate(() => location.hash)
}

/** Parses a number as the page formats it: −0.5, ∞, 2.9·10⁻⁴. */
export function figure(text) {
  const [, digits = '1', raised] = /^(?:(.*)·)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/.exec(text) ?? []
  if (raised === undefined) return Number(text.replace('−', '-').replace('∞', 'Infinity'))
  const power = [...raised].map((c) => (c === '⁻' ? '-' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c))).join('')
  return Number(`${digits.replace('−', '-')}e${power}`)
}
