/** Behavior of the page that all parts share. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { accessible, address, rest } from './site.mjs'

const root = join(import.meta.dirname, '../../..')

const engineOf = (page) =>
  page.locator('[data-engine]').evaluate((line) => [line.dataset.engine, Number(line.dataset.threads)])

/** Holds back every script except those of the frame, until the returned function is called. */
async function holdParts(page) {
  let release
  const released = new Promise((resolve) => (release = resolve))
  await page.route(/assets\/[^/]*\.js$/, async (route) => {
    if (!isFrame(route)) await released
    await route.continue()
  })
  return release
}

/** The scripts that the page itself names. */
function frame() {
  return readFileSync(join(root, 'build/site/page/index.html'), 'utf8').match(/assets\/[^"]+\.js/g)
}

const isFrame = (route) => frame().some((script) => route.request().url().endsWith(script))

export const checks = {
  '`npm run site` prints an address, whose page has the headers that threads need': async () => {
    const site = spawn('node', ['site/main.mjs'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      let text = ''
      for await (const chunk of site.stdout) {
        text += chunk
        if (text.includes('\n')) break
      }
      const response = await fetch(/http:\S+/.exec(text)[0])
      assert.equal(response.headers.get('cross-origin-opener-policy'), 'same-origin')
      assert.equal(response.headers.get('cross-origin-embedder-policy'), 'require-corp')
      assert.match(await response.text(), /<title>simdinit/)
    } finally {
      site.kill()
    }
  },

  'the frame is painted before a part, its charts and its kernels are loaded': async (site) => {
    let release
    const page = await site.open({ rest: false, before: async (page) => (release = await holdParts(page)) })
    await page.getByRole('link', { name: 'Deep network' }).waitFor()
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
    const scripts = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name, responseEnd }) => responseEnd && /assets.*\.js$/.test(name)),
    )
    assert.equal(scripts.length, frame().length)
    const sources = await Promise.all(scripts.map(async ({ name }) => (await page.request.get(name)).text()))
    const source = sources.join('')
    assert.ok(source.includes('addEventListener') && !source.includes('0061736d'), 'no kernels in the frame')
    release()
    await rest(page)
  },

  'the address names the part; links and the back button change it': async (site) => {
    const page = await site.open()
    await page.getByRole('link', { name: 'Deep network' }).click()
    await page.locator('nav a[aria-current]', { hasText: 'Deep network' }).waitFor()
    await rest(page)
    assert.match(await page.title(), /^Deep network/)
    await page.goBack()
    await page.locator('nav a[aria-current]', { hasText: 'Strategy' }).waitFor()
  },

  'the language is that of the browser until another is chosen, which the address keeps': async (site) => {
    const page = await site.open({ locale: 'zh-CN' })
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-Hans')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'Playground' }).waitFor()
    const hash = await address(page, /lang=en/)
    const again = await site.open({ locale: 'zh-CN', hash })
    assert.equal(await again.evaluate(() => document.documentElement.lang), 'en')
    const other = await site.open({ locale: 'fr-FR' })
    assert.equal(await other.evaluate(() => document.documentElement.lang), 'en')
  },

  'the theme is that of the system until it is toggled, and persists': async (site) => {
    const page = await site.open({ scheme: 'dark' })
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme)
    assert.equal(await theme(), 'dark')
    await page.getByRole('button', { name: 'Light' }).click()
    assert.equal(await theme(), 'light')
    await page.reload()
    await rest(page)
    assert.equal(await theme(), 'light')
    await accessible(page)
  },

  'the keyboard reaches everything, and the first tab stop skips to the content': async (site) => {
    const page = await site.open()
    const focused = () =>
      page.evaluate(() => {
        const { id, textContent, tagName } = document.activeElement
        return `${tagName} ${id || textContent}`
      })
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'A Skip to content')
    await page.keyboard.press('Enter')
    assert.equal(await focused(), 'MAIN main')
    for (let presses = 0; (await focused()) !== 'A Deep network'; presses++) {
      assert.ok(presses < 20, 'the link is reached')
      await page.keyboard.press('Shift+Tab')
    }
    await page.keyboard.press('Enter')
    await page.locator('nav a[aria-current]', { hasText: 'Deep network' }).waitFor()
  },

  'invalid addresses still show the page': async (site) => {
    const hashes = [
      '#',
      '#__proto__?constructor=1',
      '#strategy?__proto__=1&toString=2&lang=__proto__',
      '#strategy?lang=constructor&type=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E',
      '#strategy?shape=%E0%A4%A&std=%00&seed=%0A&name=%ED%A0%80',
      `#strategy?shape=${'9,'.repeat(50_000)}`,
      `#network?layers=1e9&width=-5&samples=NaN&activation=${'x'.repeat(9000)}`,
      '#network?layers=99999999999999999999&strategies=,,,,',
      '#train?a=1#b?c',
      '?part=x&lang=zh#model',
    ]
    for (const hash of hashes) {
      const page = await site.open({ hash })
      await page.locator('main h2').waitFor()
      assert.equal(await page.locator('img').count(), 0)
    }
  },

  'a part whose script fails to load reports it, and can be loaded again': async (site) => {
    let broken = true
    const page = await site.open({
      rest: false,
      allow: /Failed to load resource|preload/,
      before: (page) =>
        page.route(/assets\/[^/]*\.js$/, (route) =>
          broken && !isFrame(route) ? route.fulfill({ status: 404 }) : route.continue(),
        ),
    })
    await page.getByRole('alert').waitFor()
    await site.shoot(page, 'frame-part-missing')
    broken = false
    await page.getByRole('button', { name: 'Try again' }).click()
    await rest(page)
  },

  'an isolated page has threads, from a worker file where a policy forbids blobs': async (site) => {
    for (const policy of ['isolated', 'strict']) {
      const page = await site.open({ policy })
      const [backend, threads] = await engineOf(page)
      assert.equal(backend, 'wasm')
      assert.ok(threads > 1, `${policy}: ${threads} threads`)
    }
  },

  'without headers, in a subfolder, the page has one thread and reports why': async (site) => {
    const page = await site.open({ policy: 'open' })
    assert.deepEqual(await engineOf(page), ['wasm', 1])
    const text = await page.locator('footer').innerText()
    assert.match(text, /one thread, because/)
    await site.shoot(page, 'frame-one-thread')
  },

  'where a policy forbids WebAssembly the page uses plain JavaScript and reports it': async (site) => {
    const page = await site.open({ policy: 'nowasm', allow: /wasm-unsafe-eval|WebAssembly/ })
    assert.deepEqual(await engineOf(page), ['js', 1])
    assert.match(await page.locator('footer').innerText(), /Plain JavaScript[\s\S]*wasm failed/)
    await site.shoot(page, 'frame-no-wasm')
  },
}
