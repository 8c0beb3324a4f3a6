/**
 * `npm run bench:browsers`: Chromium, in a page that is cross-origin isolated. 16 Mi normals against TensorFlow.js's
 * randomNormal in the same page, interleaved rounds, medians; and the time from navigation to the first filled tensor
 * when the page's files are in the browser's cache, beside that of a page that does nothing. Writes build/bench-browsers.json.
 *
 *   npm run bench:browsers -- --rounds 9 --docs      --docs writes docs/benchmarks/browsers.md as well
 */

import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installed as driver } from '../test/e2e/browsers/install.mjs'
import { interleaved, markdown, median, ratio } from './harness.mjs'
import { installed as peers } from './baselines/install.mjs'

if (!driver || !peers) process.exit(1)
const { build } = await import('../test/browsers/node_modules/esbuild/lib/main.js')
const { BROWSERS, startChromium } = await import('../test/e2e/browsers/browsers.mjs')
const { Server } = await import('../test/e2e/browsers/server.mjs')

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, docs: { type: 'boolean', default: false } },
})
const rounds = Number(flags.rounds)
const root = join(import.meta.dirname, '..')

const missing = BROWSERS.Chromium.missing()
if (missing) {
  console.error(`no ${missing} here; apt install ${BROWSERS.Chromium.packages.join(' ')}`)
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

const [busy] = loadavg()
const server = await new Server({ '': pages }, { 'cache-control': 'max-age=3600' }).listen()
const browser = await startChromium()
const page = await browser.newPage()
const system = await browser.newBrowserCDPSession()
const machine = `${cpus()[0].model.trim()}, ${cpus().length} cores, Chromium ${browser.version()}`

const starts = {
  'isolated, from a page of its own site': await firstTensors('isolated', 'isolated/blank.html'),
  'isolated, from another site': await firstTensors('isolated'),
  'open, from a page of its own site': await firstTensors('open', 'open/blank.html'),
}
const { about, times, infos } = await fills()
await browser.close()
server.close()

/**
 * Of each navigation, the milliseconds from its start to the first tensor, the files being in the cache; and, in the
 * same round, to the first line of a page that does nothing.
 */
async function firstTensors(policy, before) {
  const opened = async (name) => {
    // a page that is opened again at its own address would ask the server again
    await page.goto(before ? `${server.origin}/${before}` : 'about:blank')
    await page.goto(`${server.origin}/${policy}/${name}.html`)
    return (await page.waitForFunction('globalThis.first', undefined, { timeout: 60_000 })).jsonValue()
  }
  const found = []
  for (let round = -3; round < 3 * rounds; round++) {
    const { began: nothing } = await opened('noop')
    const first = await opened('first-tensor')
    if (round >= 0) found.push({ nothing, ...first, ours: first.filled - nothing })
  }
  await page.goto(before ? `${server.origin}/${before}` : 'about:blank')
  const there = await renderers()
  await page.goto(`${server.origin}/${policy}/noop.html`)
  const process = (await renderers()).every((id) => there.includes(id)) ? 'the same' : 'a new one'
  return { process, found }
}

/** The processes that have pages. */
async function renderers() {
  const { processInfo } = await system.send('SystemInfo.getProcessInfo')
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
}

async function fills() {
  await page.goto(`${server.origin}/isolated/fills.html`)
  const about = await (
    await page.waitForFunction('globalThis.about', undefined, { timeout: 60_000 })
  ).jsonValue()
  if (!about.isolated) throw new Error('the page is not isolated; nothing is timed')
  const cases = new Map(
    about.cases.map((name) => [name, () => page.evaluate(`run(${JSON.stringify(name)})`)]),
  )
  const times = await interleaved(cases, rounds)
  const infos = await page.evaluate('infos()')
  return { about, times, infos }
}

const fixed = (x, digits = 1) => x.toFixed(digits)
const rate = (ms) => fixed(about.elements / ms / 1000, 0)
const ours = about.cases.filter((name) => name.includes('thread'))
const others = about.cases.filter((name) => !name.startsWith('simdinit'))
const compared = others.flatMap((other) => ours.map((name) => [other, name]))
const result = {
  machine,
  loadAverage: busy,
  tfjs: about.tfjs,
  elements: about.elements,
  rounds,
  engines: infos,
  milliseconds: Object.fromEntries(times),
  ratios: Object.fromEntries(compared.map(([a, b]) => [`${a} ÷ ${b}`, ratio(times, a, b)])),
  firstTensor: starts,
}
const report = [
  `${machine}; TensorFlow.js ${about.tfjs}. The load average of the machine was ${fixed(busy)} before.`,
  `## ${about.elements / 2 ** 20} Mi normal values\n\nf32, in one page that is cross-origin isolated; medians of ${rounds} interleaved rounds, each case run for a moment before it is timed. TensorFlow.js's values are made by JavaScript on every backend of its; here it is that of the CPU, which copies least. Lent memory is the engine's (\`engine.lend\`), an own array a \`Float32Array\` that is filled again and again.`,
  markdown([
    ['', 'M el/s', 'ms', 'least–most'],
    ...[...times].map(([name, list]) => [
      name,
      rate(median(list)),
      fixed(median(list)),
      `${fixed(Math.min(...list))}–${fixed(Math.max(...list))}`,
    ]),
  ]),
  markdown([
    ['time ÷ time', 'median', 'least', 'most'],
    ...Object.entries(result.ratios).map(([name, { median, least, most }]) => [
      name,
      ...[median, least, most].map((x) => fixed(x)),
    ]),
  ]),
  `Threads, as \`engine.info\` says it afterwards: ${infos.map(({ reason }) => reason).join('. ')}.`,
  `## From navigation to the first tensor\n\nA page of one module, bundled and minified, that makes an engine and then the README's \`[784, 256]\` He tensor. Its files are in the cache (\`cache-control: max-age=3600\`), the page before it is empty; milliseconds after the navigation began, medians of ${3 * rounds}. \`answered\`: the browser has the whole response. \`nothing\`: when the module of a page runs that does nothing, opened in the same way in the same round; what passes until then is the browser's, which starts a process for some pages. \`ours\`: the first tensor, less that.`,
  markdown([
    ['page', 'process', 'answered', 'nothing', 'module runs', 'engine', 'first tensor', 'least–most', 'ours'],
    ...Object.entries(starts).map(([policy, { process, found }]) => {
      const of = (key) => found.map((start) => start[key])
      const filled = of('filled')
      return [
        policy,
        process,
        ...['answered', 'nothing', 'began', 'made', 'filled'].map((key) => fixed(median(of(key)))),
        `${fixed(Math.min(...filled))}–${fixed(Math.max(...filled))}`,
        fixed(median(of('ours'))),
      ]
    }),
  ]),
].join('\n\n')
console.log(report)
mkdirSync(join(root, 'build'), { recursive: true })
writeFileSync(join(root, 'build/bench-browsers.json'), `${JSON.stringify(result, null, 2)}\n`)
if (flags.docs) {
  const head =
    '# In a browser\n\nMade by `npm run bench:browsers -- --docs`; ratios are what to quote, since machines differ.\n\n'
  writeFileSync(join(root, 'docs/benchmarks/browsers.md'), `${head}${report}\n`)
}
