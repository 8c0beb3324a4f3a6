/**
 * `npm run test:site`: the playground, type-checked, built, served and driven in Chromium. It runs the checks of every
 * `*.e2e.mjs` of this folder; arguments select the checks whose name contains one of them. Screenshots are left in
 * build/site/. Without Chromium the checks are skipped with a message, or fail with SIMDINIT_BROWSERS=all.
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildSite, installSite } from '../../../site/build.mjs'
import { installed as driver } from '../browsers/install.mjs'

const here = import.meta.dirname
const root = join(here, '../../..')

installSite()
const types = spawnSync('node', ['node_modules/typescript/bin/tsc', '--project', 'site'], {
  cwd: root,
  stdio: 'inherit',
})
if (types.status !== 0) process.exit(1)
console.log('ok    types')
buildSite()
console.log('ok    built')

if (!driver) process.exit(1)
const { BROWSERS } = await import('../browsers/browsers.mjs')
if (BROWSERS.Chromium.missing()) {
  const all = process.env.SIMDINIT_BROWSERS === 'all'
  console.log(`${all ? 'FAIL' : 'skip'}  no chromium here; apt install chromium`)
  process.exit(all ? 1 : 0)
}

const words = process.argv.slice(2)
const shots = join(root, 'build/site/screenshots')
if (words.length === 0) rmSync(shots, { recursive: true, force: true })
mkdirSync(shots, { recursive: true })
const { Site } = await import('./site.mjs')
const site = await Site.start(shots)
for (const file of readdirSync(here).filter((file) => file.endsWith('.e2e.mjs'))) {
  const { checks } = await import(`./${file}`)
  for (const [name, check] of Object.entries(checks)) {
    if (words.length > 0 && !words.some((word) => name.includes(word))) continue
    const start = performance.now()
    try {
      await check(site)
      await site.closePages()
      console.log(`ok    ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
    } catch (error) {
      process.exitCode = 1
      console.log(`FAIL  ${name}: ${error.stack}`)
      await site.closePages().catch(({ message }) => console.log(message))
    }
  }
}
await site.end()
