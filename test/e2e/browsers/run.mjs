/**
 * `npm run test:browsers`: the golden set in every installed browser, in pages, iframes and workers, isolated or not and
 * under restrictive policies; then, in Chromium, the packed package in an app of every bundler and models of
 * TensorFlow.js with simdinit's initializers; and workerd. All must give the values of docs/reference/stream.md and the
 * digests of this Node, with the backend and threads that the context allows, and report them. SIMDINIT_BROWSERS=all
 * makes a missing browser a failure; arguments name the browsers to run.
 */

import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { installed } from './install.mjs'

const here = import.meta.dirname
const root = join(here, '../../..')
if (!installed) process.exit(1)
const { build } = await import('esbuild')
const { BROWSERS } = await import('./browsers.mjs')
const { hasWorkerd, startWorkerd } = await import('./workerd.mjs')
const { APPS, OWN_WORKER, installApp } = await import('./apps.mjs')
const { Server } = await import('./server.mjs')
const simdinit = await import('../../../dist/index.js')
const { golden } = await import('../runtimes/golden.mjs')

/** Seconds that a page may take on a busy machine. */
const PATIENCE = 120

/**
 * Contexts of the golden set: the policy, the kind of page, the file of the workers, and the expectation: threads where
 * memory can be shared, a backend other than wasm, or workers that are refused.
 */
const PLACES = [
  ['open', 'page', {}],
  ['open', 'worker', {}],
  ['open', 'iframe', {}],
  ['isolated', 'page', { threads: 2 }],
  ['isolated', 'worker', { threads: 2 }],
  ['isolated', 'iframe', { threads: 2 }],
  ['isolated', 'page', { worker: 'missing.js', refused: true }],
  ['blobs', 'page', { threads: 2 }],
  ['strict', 'page', { refused: true }],
  ['strict', 'page', { worker: 'worker.js', threads: 2 }],
  ['strict', 'worker', { worker: 'worker.js', threads: 2 }],
  ['strict', 'iframe', { worker: 'worker.js', threads: 2 }],
  ['nowasm', 'page', { backend: 'js' }],
  ['nowasm', 'worker', { backend: 'js' }],
]

const pages = join(root, 'build/browsers/pages')
rmSync(pages, { recursive: true, force: true })
mkdirSync(pages, { recursive: true })
await build({
  entryPoints: [`${here}/page/run.js`, `${here}/page/start.js`],
  bundle: true,
  format: 'esm',
  outdir: pages,
  alias: { simdinit: join(root, 'dist/index.js') },
  logLevel: 'error',
})
cpSync(`${here}/page/page.html`, `${pages}/page.html`)
cpSync(join(root, 'dist/worker.js'), `${pages}/worker.js`)
cpSync(join(root, 'docs/reference/stream.md'), `${pages}/stream.md`)

const expected = await golden(simdinit, readFileSync(join(root, 'docs/reference/stream.md'), 'utf8'))
console.log(`Node ${process.version}: ${expected.digests[0]}`)
const wanted = Object.entries(BROWSERS).filter(
  ([name]) => process.argv.length < 3 || process.argv.includes(name),
)
const folders = { '': pages }
const server = await new Server(folders).listen()
for (const [name, browser] of wanted) {
  const missing = browser.missing()
  if (missing) {
    const all = process.env.SIMDINIT_BROWSERS === 'all'
    console.log(
      `${all ? 'FAIL' : 'skip'}  ${name}: no ${missing} here; apt install ${browser.packages.join(' ')}`,
    )
    if (all) process.exitCode = 1
    continue
  }
  const session = await browser.start()
  console.log(`${name}: ${session.version}`)
  await checkPlaces(session, browser.shares)
  if (name === 'Chromium') {
    await checkApps(session)
    await checkWorkerd()
    await checkTensorflow(session)
  }
  await session.close()
}
server.close()

/** Runs every context in an open browser. */
async function checkPlaces({ open }, shares) {
  for (const [policy, inside, more] of PLACES) {
    const { worker } = more
    const search = new URLSearchParams({ in: inside, ...(worker && { worker }) })
    const want = { ...more, inside, isolated: policy !== 'open', shares }
    await check(`${policy}, ${inside}${worker ? `, ${worker}` : ''}`, want, () =>
      server.visit(open, `/${policy}/page.html?${search}`, PATIENCE),
    )
  }
}

/** Runs every app, isolated, and some with their own worker where blobs are forbidden; one from another origin. */
async function checkApps({ open }) {
  const work = join(root, 'build/browsers')
  const app = `${work}/app`
  installApp(app)
  const want = { inside: 'page', isolated: true, shares: true, threads: 2 }
  const places = [
    ...Object.keys(APPS).map((name) => [name, 'isolated', '']),
    ...OWN_WORKER.map((name) => [name, 'strict', '?worker=own']),
  ]
  for (const [name, policy, search] of places) {
    const word = name.toLowerCase().replace(/\W+/g, '-')
    const out = `${work}/${word}`
    rmSync(out, { recursive: true, force: true })
    await check(`app, ${policy}: ${name}${search}`, want, async () => {
      const { serve, page, close } = await APPS[name](app, `/${policy}/${word}/`, out)
      folders[word] = serve
      try {
        return await server.visit(open, `/${policy}/${word}/${page}${search}`, PATIENCE)
      } finally {
        await close?.()
      }
    })
  }
  const elsewhere = await new Server({ '': `${work}/esbuild` }).listen()
  folders.app = app
  await check('app, isolated: from another origin', want, () =>
    server.visit(open, `/isolated/app/other-origin.html?from=${elsewhere.origin}`, PATIENCE),
  )
  elsewhere.close()
}

/** Runs the kernels as a module where compiling bytes is forbidden; without it, the js engine. */
async function checkWorkerd() {
  if (!hasWorkerd) return console.log('skip  workerd: its package is for Linux on x64')
  const work = join(root, 'build/browsers')
  const { ask, end } = await startWorkerd(`${work}/app`, `${work}/workerd`)
  await check('workerd, module', { why: /because the kernels were given compiled$/ }, () => ask('/module'))
  await check('workerd, bytes', { backend: 'js' }, () => ask('/'))
  end()
}

/** Models of TensorFlow.js start with the same weights as in Node, with either engine, and learn. */
async function checkTensorflow({ open }) {
  const { buildTensorflow, hasTensorflow, TENSORFLOW_PAGES } = await import('./tfjs.mjs')
  if (!hasTensorflow) {
    process.exitCode = 1
    return console.log('FAIL  TensorFlow.js: it could not be installed (bench/baselines)')
  }
  const wrongOf = await buildTensorflow(pages)
  for (const [policy, backend] of TENSORFLOW_PAGES) {
    const found = await server.visit(open, `/${policy}/tfjs.html?`, PATIENCE).catch((error) => ({ error }))
    const wrong = wrongOf(found, backend)
    if (wrong) process.exitCode = 1
    console.log(
      wrong ? `FAIL  TensorFlow.js, ${policy}: ${wrong}` : `ok    TensorFlow.js, ${policy}: ${backend}`,
    )
  }
}

/** Checks the results of a page, and prints a line. */
async function check(place, want, visit) {
  try {
    const found = await visit()
    const wrong = wrongs(found, want)
    if (wrong.length > 0) throw new Error(wrong.join('; '))
    console.log(`ok    ${place}: ${found.info.reason}`)
  } catch (error) {
    process.exitCode = 1
    console.log(`FAIL  ${place}: ${error.message}`)
  }
}

/** The differences from Node, and from what the context allows. */
function wrongs(found, { inside, isolated, shares, threads = 1, backend = 'wasm', refused = false, why }) {
  if (found.error) return [found.error]
  const sharing = isolated && shares
  const { info } = found
  const reason =
    why ??
    (backend === 'js'
      ? /^js, because wasm failed: /
      : refused && sharing
        ? /one thread, because a worker /
        : sharing
          ? /^wasm with SIMD runs here; 2 threads were requested$/
          : /^wasm with SIMD runs here; one thread, because there is no SharedArrayBuffer here$/)
  const facts = {
    digests: [found.digests, expected.digests],
    'digest of threads': [found.threads, expected.threads],
    failures: [found.failures, []],
    rows: [found.checked, expected.checked],
    inside: [found.inside, inside],
    isolated: [found.isolated, isolated],
    SharedArrayBuffer: [found.shares, inside && sharing],
    backend: [info.backend, backend],
    simd: [info.simd, backend === 'wasm'],
    threads: [info.threads, sharing ? threads : 1],
    reason: [reason.test(info.reason) || info.reason, true],
  }
  return Object.entries(facts)
    .map(([name, pair]) => [name, ...pair.map((value) => JSON.stringify(value))])
    .filter(([, value, other]) => value !== other)
    .map(([name, value, other]) => `${name} ${value}, not ${other}`)
}
