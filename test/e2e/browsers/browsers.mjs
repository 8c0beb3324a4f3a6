/** The browsers of Debian: how each is found and started, and how it opens an address. */

import { spawn, spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import playwright from 'playwright-core'
import puppeteer from 'puppeteer-core'

const which = (command) => spawnSync('which', [command], { encoding: 'utf8' }).stdout.trim()

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Chromium, through playwright. */
export function startChromium() {
  return playwright.chromium.launch({
    executablePath: which('chromium'),
    args: CHROMIUM_FLAGS,
    timeout: 120_000,
  })
}

/** For each: the Debian packages it needs, `missing` (the first command that is not installed), and `start`. */
export const BROWSERS = {
  Chromium: {
    packages: ['chromium'],
    missing: () => missing('chromium'),
    /** Whether it has SharedArrayBuffer in isolated pages. */
    shares: true,
    async start() {
      const browser = await startChromium()
      const page = await browser.newPage()
      return {
        version: browser.version(),
        open: (url) => page.goto(url, { waitUntil: 'commit', timeout: 120_000 }),
        close: () => browser.close(),
      }
    },
  },
  Firefox: {
    packages: ['firefox-esr'],
    missing: () => missing('firefox-esr'),
    shares: true,
    async start() {
      const browser = await puppeteer.launch({
        browser: 'firefox',
        executablePath: which('firefox-esr'),
        headless: true,
        timeout: 120_000,
        protocolTimeout: 120_000,
      })
      const page = await browser.newPage()
      return {
        version: await browser.version(),
        open: (url) => page.goto(url, { waitUntil: 'domcontentloaded', timeout: 120_000 }),
        close: () => browser.close(),
      }
    },
  },
  WebKit: {
    packages: ['webkit2gtk-driver', 'xvfb'],
    missing: () => missing('WebKitWebDriver', 'Xvfb'),
    shares: false,
    start: startWebKit,
  },
}

function missing(...commands) {
  return commands.find((command) => !which(command))
}

/** Over the protocol of https://www.w3.org/TR/webdriver2/, on a virtual screen. */
async function startWebKit() {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x1024x24'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const display = await new Promise((resolve, reject) => {
    screen.on('exit', () => reject(new Error('Xvfb ended')))
    screen.stdio[3].once('data', (text) => resolve(String(text).trim()))
  })
  const port = 20_000 + (process.pid % 10_000)
  const driver = spawn('WebKitWebDriver', [`--port=${port}`], {
    env: { ...process.env, DISPLAY: `:${display}` },
    stdio: 'ignore',
  })
  const end = () => {
    driver.kill()
    screen.kill()
  }
  const ask = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    })
    const { value } = await response.json()
    if (!response.ok) throw new Error(`WebDriver: ${value.error}: ${value.message}`)
    return value
  }
  try {
    for (let tries = 0; ; tries++) {
      const ready = await ask('GET', '/status').catch((error) => {
        if (tries === 300) throw error
      })
      if (ready) break
      await sleep(100)
    }
    const { sessionId, capabilities } = await ask('POST', '/session', { capabilities: {} })
    return {
      version: `${capabilities.browserName} ${capabilities.browserVersion}`,
      open: (url) => ask('POST', `/session/${sessionId}/url`, { url }),
      close: () => ask('DELETE', `/session/${sessionId}`).finally(end),
    }
  } catch (error) {
    end()
    throw error
  }
}
