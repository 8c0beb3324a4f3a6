/**
 * `npm run bench:browsers`: simdinit in Chromium, in a cross-origin isolated page. Times 16 Mi normals against
 * TensorFlow.js's randomNormal in the same page, in interleaved rounds. Then measures the time from navigation to the
 * first filled tensor, with the files of the page in the browser's cache, and subtracts that of a page that does nothing.
 * Writes build/bench/browsers.json.
 *
 *   npm run bench:browsers -- --rounds 9 --docs      --docs writes docs/benchmarks/browsers.md
 */

import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { installed as driver } from '../test/e2e/browsers/install.mjs'
import { installed as baselines } from './baselines/install.mjs'
import {
  computeRatio,
  formatRatios,
  formatTable,
  median,
  parseFlags,
  publishReport,
  timeInterleaved,
} from './harness.mjs'

if (!driver || !baselines) process.exit(1)
const { build } = await import('../test/e2e/browsers/node_modules/esbuild/lib/main.js')
const { BROWSERS, startChromium } = await import('../test/e2e/browsers/browsers.mjs')
const { Server } = await import('../test/e2e/browsers/server.mjs')

const flags = parseFlags(9)
const { rounds } = flags
const root = join(import.meta.dirname, '..')

const missing = BROWSERS.Chromium.missing()
if (missing) {
  console.error(`${missing} is not installed: apt install ${BROWSERS.Chromium.packages.join(' ')}`)
  process.exit(1)
}

const pages = join(root, 'build/browsers/bench')
rmSync(pages, { recursive: true, force: true })
mkdirSync(pages, { recursive: true })
await build({
  entryPoints: ['fills.js', 'first-tensor.js', 'noop.js'].map((name) => join(root, 'bench/browsers', name)),
  bundle: true,
  minify: true,
  format: 'esm',
  outdir: pages,
  alias: { simdinit: join(root, 'dist/index.js') },
  logLevel: 'error',
})
for (const page of ['fills.html', 'first-tensor.html', 'noop.html', 'blank.html'])
  cpSync(join(root, 'bench/browsers', page), join(pages, page))
cpSync(join(root, 'bench/baselines/node_modules/@tensorflow/tfjs/dist/tf.min.js'), `${pages}/tf.min.js`)

const [load] = loadavg()
const server = await new Server({ '': pages }, { 'cache-control': 'max-age=3600' }).listen()
const browser = await startChromium()
const page = await browser.newPage()
const system = await browser.newBrowserCDPSession()
const machine = `${cpus()[0].model.trim()}, ${cpus().length} cores, Chromium ${browser.version()}`

const navigations = {
  'isolated, from a page of the same site': await timeFirstTensor('isolated', 'isolated/blank.html'),
  'isolated, from another site': await timeFirstTensor('isolated'),
  'not isolated, from a page of the same site': await timeFirstTensor('open', 'open/blank.html'),
}
const { about, times, infos } = await timeFills()
await browser.close()
server.close()

/**
 * The milliseconds of each navigation from its start to the first tensor, with the files in the cache; and, in the same
 * round, to the first line of a page that does nothing. Also tells whether the browser starts a process for the page.
 */
async function timeFirstTensor(policy, before) {
  const open = async (name) => {
    // reloading a page at its own address would ask the server again
    await page.goto(before ? `${server.origin}/${before}` : 'about:blank')
    await page.goto(`${server.origin}/${policy}/${name}.html`)
    return (await page.waitForFunction('globalThis.first', undefined, { timeout: 60_000 })).jsonValue()
  }
  const starts = []
  for (let round = -3; round < 3 * rounds; round++) {
    const { began: noop } = await open('noop')
    const first = await open('first-tensor')
    if (round >= 0) starts.push({ noop, ...first, ours: first.filled - noop })
  }
  await page.goto(before ? `${server.origin}/${before}` : 'about:blank')
  const processes = await listRenderers()
  await page.goto(`${server.origin}/${policy}/noop.html`)
  const process = (await listRenderers()).every((id) => processes.includes(id)) ? 'reused' : 'new'
  return { process, starts }
}

/** The ids of the processes that render pages. */
async function listRenderers() {
  const { processInfo } = await system.send('SystemInfo.getProcessInfo')
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
}

async function timeFills() {
  await page.goto(`${server.origin}/isolated/fills.html`)
  const about = await (
    await page.waitForFunction('globalThis.about', undefined, { timeout: 60_000 })
  ).jsonValue()
  if (!about.isolated) throw new Error('the page is not isolated; nothing is timed')
  const cases = new Map(
    about.cases.map((name) => [name, () => page.evaluate(`run(${JSON.stringify(name)})`)]),
  )
  const times = await timeInterleaved(cases, rounds)
  const infos = await page.evaluate('infos()')
  return { about, times, infos }
}

const fixed = (x, digits = 1) => x.toFixed(digits)
const range = (list) => `${fixed(Math.min(...list))}–${fixed(Math.max(...list))}`
const ours = about.cases.filter((name) => name.includes('thread'))
const others = about.cases.filter((name) => !name.startsWith('simdinit'))
const compared = others.flatMap((other) => ours.map((name) => [other, name]))
publishReport({
  name: 'browsers',
  title: 'In a browser',
  command: 'bench:browsers',
  sections: [
    `${machine}; TensorFlow.js ${about.tfjs}. The load average of the machine was ${fixed(load)} before.`,
    `## ${about.elements / 2 ** 20} Mi normal values`,
    `f32, in one cross-origin isolated page; medians of ${rounds} interleaved rounds. Each case runs for a moment before it is timed. TensorFlow.js generates values in JavaScript on every backend; the CPU backend used here copies least. Lent memory belongs to the engine (\`engine.lend\`). An own array is a \`Float32Array\` that is filled again and again.`,
    formatTable([
      ['', 'M el/s', 'ms', 'min–max'],
      ...[...times].map(([name, list]) => [
        name,
        fixed(about.elements / median(list) / 1000, 0),
        fixed(median(list)),
        range(list),
      ]),
    ]),
    formatRatios(times, compared, 1),
    `Threads, as reported by \`engine.info\` afterwards: ${infos.map(({ reason }) => reason).join('. ')}.`,
    '## From navigation to the first tensor',
    `A page with one module, bundled and minified, creates an engine and then the \`[784, 256]\` He tensor of the README. Its files are in the cache (\`cache-control: max-age=3600\`) and the previous page is blank. Times are milliseconds after the start of the navigation, medians of ${3 * rounds}. \`answered\` is the end of the response. \`no-op\` is when the module of a page that does nothing runs, opened in the same way in the same round: until then the browser works, which starts a process for some pages. \`ours\` is the first tensor minus \`no-op\`.`,
    formatTable([
      ['page', 'process', 'answered', 'no-op', 'module runs', 'engine', 'first tensor', 'min–max', 'ours'],
      ...Object.entries(navigations).map(([page, { process, starts }]) => {
        const column = (key) => starts.map((start) => start[key])
        const medians = ['answered', 'noop', 'began', 'created', 'filled'].map((key) =>
          fixed(median(column(key))),
        )
        return [page, process, ...medians, range(column('filled')), fixed(median(column('ours')))]
      }),
    ]),
  ],
  result: {
    machine,
    loadAverage: load,
    tfjs: about.tfjs,
    elements: about.elements,
    rounds,
    engines: infos,
    milliseconds: Object.fromEntries(times),
    ratios: Object.fromEntries(compared.map(([a, b]) => [`${a} ÷ ${b}`, computeRatio(times, a, b)])),
    firstTensor: navigations,
  },
  docs: flags.docs,
})
