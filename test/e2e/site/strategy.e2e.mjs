/** The part "strategy": its values are the library's, its moments match, and its code gives the same values. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decode } from '../../../dist/numeric/dtypes.js'
import * as simdinit from '../../../dist/index.js'
import * as keras from '../../../dist/compat/keras.js'
import { accessible, address, figure, rest } from './site.mjs'

const root = join(import.meta.dirname, '../../..')
const strategyField = (page) => page.getByRole('combobox', { name: 'Strategy', exact: true })
const codeOf = (page, name) => page.getByRole('region', { name, exact: true }).innerText()

/** Chooses a strategy, and a shape that fits if the page offers one. */
async function choose(page, name, seen = name) {
  await strategyField(page).selectOption(name)
  const code = page.getByRole('region', { name: 'simdinit', exact: true }).filter({ hasText: `${seen}(` })
  const fitting = page.getByRole('button', { name: 'a shape that fits' })
  await code.or(fitting).first().waitFor()
  if (await fitting.isVisible()) await fitting.click()
  await code.waitFor()
  await rest(page)
}

/** All strategies that the page offers. */
function namesOf(page) {
  return strategyField(page).evaluate((select) => [...select.options].map(({ value }) => value))
}

/** The tensor of the page's code, generated in this Node. */
async function runCode(code) {
  const file = new URL('../../../dist/index.js', import.meta.url).href
  const source = `${code.replace("'simdinit'", `'${file}'`)}\nexport { data }`
  return (await import(`data:text/javascript,${encodeURIComponent(source)}`)).data
}

async function valuesOf(page) {
  return (await page.locator('.values li').allInnerTexts()).map(figure)
}

/** The rows of the moments: the expected and the measured values, and their distance. */
async function momentsOf(page) {
  const rows = await page
    .getByRole('region', { name: 'Moments' })
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll('td')].map(({ innerText }) => innerText)),
    )
  const [mean, std, kurtosis, least, most] = rows.map(([wanted, drawn, off]) => ({
    wanted: figure(wanted),
    drawn: figure(drawn),
    off: off === '' ? undefined : figure(off),
  }))
  return { mean, std, kurtosis, least, most }
}

/** Strategies whose values are a formula of their position, without a distribution. */
const OF_PLACES = new Set([
  'identity',
  'dirac',
  'bilinear',
  'forgetGateBias',
  'sinusoidal',
  'arange',
  'stft',
  'logArange',
  'deltaOrthogonal',
])

/** Strategies whose values depend on one another, to which standard errors do not apply. */
const WHOLE = new Set(['orthogonal', 'deltaOrthogonal', 'sparse'])

/** Strategies that scale with the fans, and a few others. */
const SCALED = /(Normal|Uniform|Scaling)$/

export const checks = {
  'strategy: the values equal those of its code in Node, for every strategy': async (site) => {
    const page = await site.open({ hash: '#strategy?lang=en&shape=64,64&seed=7&name=a%20name' })
    const names = await namesOf(page)
    assert.ok(names.length > 25)
    for (const name of names) {
      await choose(page, name)
      const data = await runCode(await codeOf(page, 'simdinit'))
      const values = await valuesOf(page)
      assert.deepEqual(
        values,
        [...data.subarray(0, 12)].map((x) => Number(x.toPrecision(9))),
        name,
      )
    }
  },

  'strategy: the values equal those of its code in every dtype': async (site) => {
    for (const dtype of ['bf16', 'f16', 'f8_e4m3', 'f8_e5m2']) {
      const page = await site.open({ hash: `#strategy?lang=en&type=normal&dtype=${dtype}&seed=twelve` })
      const data = await runCode(await codeOf(page, 'simdinit'))
      const values = [...data.subarray(0, 12)].map((bits) => decode(dtype, bits))
      assert.deepEqual(
        await valuesOf(page),
        values.map((x) => Number(x.toPrecision(9))),
        dtype,
      )
      if (dtype === 'f8_e5m2') await site.shoot(page, 'strategy-f8')
    }
  },

  'strategy: the measured moments match the expected ones': async (site) => {
    const page = await site.open({ hash: '#strategy?lang=en&shape=1024,512&layers=3' })
    for (const name of (await namesOf(page)).filter((name) => !OF_PLACES.has(name))) {
      await choose(page, name)
      const { mean, std, kurtosis, least, most } = await momentsOf(page)
      const where = `${name}: ${JSON.stringify({ mean, std, kurtosis, least, most })}`
      assert.ok(least.drawn >= least.wanted - 1e-4 * Math.abs(least.wanted), where)
      assert.ok(most.drawn <= most.wanted + 1e-4 * Math.abs(most.wanted), where)
      if (std.wanted === 0) {
        assert.equal(std.drawn, 0, where)
        continue
      }
      const common = await page.getByText(/of their area/).innerText()
      assert.ok(parseFloat(/[\d.]+ %/.exec(common)[0]) > 98, `${name}: ${common}`)
      assert.ok(Math.abs(std.drawn / std.wanted - 1) < 0.01, where)
      assert.ok(Math.abs(kurtosis.drawn / kurtosis.wanted - 1) < 0.02, where)
      if (WHOLE.has(name)) continue
      assert.ok(Math.abs(mean.off) < 4 && Math.abs(std.off) < 4, where)
    }
  },

  'strategy: fans, axes and rows of zeros give the values of the code, with the expected moments': async (
    site,
  ) => {
    const cases = [
      ['heNormal', '64,64', { fanIn: '300' }, 'heNormal({ fanIn: 300 })'],
      ['xavierUniform', '8,64,64', { inAxes: '-2', outAxes: '-1', batchAxes: '0' }, 'batchAxes: 0'],
      ['lecunUniform', '4,8,16,16', { inAxes: '0 1', outAxes: '2, 3' }, 'inAxes: [0, 1]'],
      ['heNormal', '50000', { vectorFans: 'root' }, "vectorFans: 'root'"],
      ['normal', '40,100', { mean: '2', rows: '3, 0, 3' }, 'rows: [0, 3]'],
      ['uniform', '3000,1000', { low: '1', high: '2', rows: '0, 2999' }, 'rows: [0, 2999]'],
      ['constant', '4,4', { rows: '2' }, 'rows: [2]'],
      ['mambaDtBias', '100,100', { floor: '0.01', rows: '0 1 2 3 4 5' }, 'zeroRows'],
      ['orthogonal', '32,64', { rows: '0' }, 'zeroRows'],
    ]
    for (const [type, shape, fields, said] of cases) {
      const query = new URLSearchParams({ lang: 'en', type, shape, ...fields })
      const page = await site.open({ hash: `#strategy?${query}` })
      const code = await codeOf(page, 'simdinit')
      assert.ok(code.includes(said), code)
      const data = await runCode(code)
      const values = await valuesOf(page)
      assert.deepEqual(
        values,
        [...data.subarray(0, 12)].map((x) => Number(x.toPrecision(9))),
        type,
      )
      assert.ok(await page.getByLabel(Object.keys(fields).at(-1), { exact: true }).isVisible())
      const { mean, std } = await momentsOf(page)
      if (type === 'orthogonal') continue
      for (const { wanted, drawn } of [mean, std]) {
        assert.ok(Math.abs(drawn - wanted) < 0.03 * std.wanted + 1e-6, `${type}: ${drawn}, not ${wanted}`)
      }
    }
  },

  'strategy: errors about fans, axes and rows appear next to their fields': async (site) => {
    const page = await site.open({ hash: '#strategy?lang=en&shape=8,8' })
    await page.getByText('More: fans, axes').click()
    const cases = [
      ['fanIn', '0', '"fanIn" must be a safe integer >= 1; received 0'],
      ['fanOut', 'many', '"fanOut" must be a safe integer >= 1; received "many"'],
      ['inAxes', '7', '"outAxes" must be an axis or an array of axes; received undefined', 'outAxes'],
      ['batchAxes', '0', '"inAxes" must be an axis or an array of axes; received undefined', 'inAxes'],
      ['rows', '8', '"rows" must be below 8; received [8]'],
      ['rows', '1, y', '"rows[1]" must be a safe integer >= 0; received "y"'],
    ]
    for (const [label, bad, sentence, where = label] of cases) {
      await page.getByLabel(label, { exact: true }).fill(bad)
      await page.getByText(sentence, { exact: true }).waitFor()
      assert.equal(await page.getByLabel(where, { exact: true }).getAttribute('aria-invalid'), 'true')
      await page.getByLabel(label, { exact: true }).fill('')
      await page.locator('[aria-invalid]').waitFor({ state: 'detached' })
    }
    const shut = await site.open({ hash: '#strategy?lang=en&type=zeros&rows=9&shape=3,3' })
    await shut.getByText('"rows" must be below 3; received [9]').waitFor()
  },

  "strategy: the library's errors appear next to the field, and the page keeps working": async (site) => {
    const page = await site.open({ hash: '#strategy?lang=en&type=normal' })
    const cases = [
      ['std', '-1', '"std" must be a finite number >= 0; received -1', '0.5'],
      ['std', 'wide', '"std" must be a finite number >= 0; received "wide"', '0.5'],
      ['mean', '1e999', '"mean" must be a finite number; received Infinity', '0'],
      ['Shape', '3, -4', '"shape[1]" must be a safe integer >= 0; received -4', '3, 4'],
      ['Shape', '3, y', '"shape[1]" must be a safe integer >= 0; received "y"', '3, 4'],
      ['Name', '', '"name" must be a non-empty string; received ""', 'w'],
    ]
    for (const [label, bad, sentence, good] of cases) {
      const field = page.getByLabel(label, { exact: true })
      await field.fill(bad)
      await page.getByText(sentence, { exact: true }).waitFor()
      assert.equal(await field.getAttribute('aria-invalid'), 'true')
      const about = await field.getAttribute('aria-describedby')
      const said = await page
        .locator(
          about
            .split(' ')
            .map((id) => `[id="${id}"]`)
            .join(','),
        )
        .allInnerTexts()
      assert.ok(said.includes(sentence), `${said} is said of the field`)
      if (bad === '-1') {
        await accessible(page)
        await site.shoot(page, 'strategy-wrong')
      }
      await field.fill(good)
      await page.locator('[aria-invalid]').waitFor({ state: 'detached' })
      await rest(page)
    }
    await page.getByLabel('Shape', { exact: true }).fill('100')
    await strategyField(page).selectOption('heNormal')
    await page.getByText('"shape" must be of rank 2 or more', { exact: false }).waitFor()
    await page.getByLabel('Shape', { exact: true }).fill('1e9, 1e9')
    await page.getByText('"shape" must be fewer than 2^53 elements', { exact: false }).waitFor()
    await strategyField(page).selectOption('orthogonal')
    await page.getByLabel('Shape', { exact: true }).fill('10000, 10000')
    await page.getByText('at most 1,048,576 elements').waitFor()
    await page.getByLabel('Shape', { exact: true }).fill('0, 3')
    await page.getByText('no elements').waitFor()
    const born = await site.open({ hash: '#strategy?lang=en&type=normal&std=-1' })
    await born.getByText('"std" must be a finite number >= 0; received -1', { exact: true }).waitFor()
    await born.getByText('Correct the marked field').waitFor()
  },

  'strategy: for a tensor of billions the first million is drawn, and the page says so': async (site) => {
    const page = await site.open({ hash: '#strategy?lang=en&shape=100000,80000' })
    await page.getByText('The first 1,048,576 of 8,000,000,000 values').waitFor()
  },

  'strategy: the address contains the whole state, and restores it': async (site) => {
    const page = await site.open({ hash: '#strategy?lang=en' })
    await choose(page, 'varianceScaling')
    await page.getByLabel('distribution', { exact: true }).selectOption('uniform')
    await page.getByLabel('scale', { exact: true }).fill('0.5')
    await page.getByLabel('Shape', { exact: true }).fill('3×3×16×32')
    await page.getByLabel('Layout', { exact: true }).selectOption('io')
    await page.getByLabel('Dtype', { exact: true }).selectOption('bf16')
    await page.getByLabel('Seed', { exact: true }).fill('größe #1?&=')
    await page.getByText('fan in 144, fan out 288').waitFor()
    await rest(page)
    const hash = await address(page, /seed=.*lang=en/)
    const again = await site.open({ hash })
    assert.equal(await codeOf(again, 'simdinit'), await codeOf(page, 'simdinit'))
    assert.deepEqual(await valuesOf(again), await valuesOf(page))
    await again.getByRole('button', { name: 'Reset' }).click()
    assert.equal(await address(again, /^#strategy\?lang=en$/), '#strategy?lang=en')
  },

  'strategy: code is copied as displayed': async (site) => {
    const page = await site.open({ hash: '#strategy?lang=en' })
    const shown = await codeOf(page, 'PyTorch')
    await page.locator('figure', { hasText: 'PyTorch' }).getByRole('button', { name: 'Copy' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    assert.equal((await page.evaluate(() => navigator.clipboard.readText())).trim(), shown.trim())
  },

  'strategy: Keras code has the same distribution in simdinit/keras, for every strategy that Keras has':
    async (site) => {
      const said = ['', '&fanIn=100', '&inAxes=0&outAxes=1', '&inAxes=1&outAxes=0&fanOut=7']
      const variants = ['oi', 'io'].flatMap((layout) => said.map((fans) => `&layout=${layout}${fans}`))
      for (const variant of variants) {
        const hash = `#strategy?lang=en&shape=96,64&gain=0.5&sigmas=2${variant}`
        const page = await site.open({ hash })
        let compared = 0
        const names = await namesOf(page)
        for (const name of /fan|Axes/.test(variant) ? names.filter((name) => SCALED.test(name)) : names) {
          await choose(page, name)
          const code = await codeOf(page, 'Keras')
          const theirs = kerasDistribution(code)
          if (!theirs) continue
          const ours = await distributionOf(page)
          close(theirs, ours, `${name}, ${variant}`)
          compared++
        }
        assert.ok(compared > 10, `${compared} were compared`)
      }
    },

  'strategy: PyTorch runs the code, and gives tensors of the same shape and standard deviation': async (
    site,
  ) => {
    const python = pythonWith('torch')
    if (!python) return
    const codes = {}
    for (const layout of ['oi', 'io']) {
      for (const more of ['', '&gain=0.5', '&fanIn=99&rows=0,3', '&inAxes=0&outAxes=1&rows=1']) {
        const page = await site.open({
          hash: `#strategy?lang=en&shape=320,256&layout=${layout}${more}`,
        })
        const names = await namesOf(page)
        for (const name of more.includes('Axes') ? names.filter((name) => SCALED.test(name)) : names) {
          await choose(page, name)
          const code = await codeOf(page, 'PyTorch')
          const { std, mean } = await momentsOf(page) // of all elements
          const ours = await runCode(await codeOf(page, 'simdinit'))
          if (code.includes('no such initializer')) continue
          codes[`${name}, ${layout}, ${more}`] = {
            code,
            std: std.drawn,
            mean: mean.drawn,
            size: ours.length,
          }
        }
      }
    }
    mkdirSync(join(root, 'build/site'), { recursive: true })
    const file = join(root, 'build/site/torch-codes.json')
    writeFileSync(file, JSON.stringify(codes))
    const program = `
import json, sys
for name, one in json.load(open(sys.argv[1])).items():
    scope = {}
    exec(one['code'], scope)
    w = scope['w'].float()
    assert w.numel() == one['size'], (name, w.shape)
    assert abs(w.std().item() - one['std']) <= 0.02 * one['std'] + 1e-6, (name, w.std().item(), one['std'])
    assert abs(w.mean().item() - one['mean']) <= 0.05 * one['std'] + 1e-6, (name, w.mean().item(), one['mean'])
print(len(json.load(open(sys.argv[1]))))
`
    const { status, stdout, stderr } = spawnSync(python, ['-c', program, file], { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    assert.ok(Number(stdout) > 60, `${stdout} codes`)
  },
}

/** The distribution of the code that the page shows. */
async function distributionOf(page) {
  const code = await codeOf(page, 'simdinit')
  const [, shape, given] = /engine\.tensor\(\[(.*?)\], (.*), \{\n/.exec(code)
  const call = given === 'strategy' ? /const strategy = (.*)\n/.exec(code)[1] : given
  const name = call.slice(0, call.indexOf('('))
  // oxlint-disable-next-line no-new-func -- the page's own code
  const strategy = new Function(name, `return ${call}`)(simdinit[name])
  const layout = /layout: '(\w+)'/.exec(code)?.[1] ?? 'oi'
  return simdinit.resolveDistribution(strategy, shape.split(', ').map(Number), layout)
}

/** The distribution of the Keras code, by simdinit/keras; undefined if Keras has no such initializer. */
function kerasDistribution(code) {
  const [, name, given] = /keras\.initializers\.(\w+)\(([^#]*?)\)\n(?:#.*\n)*w = /s.exec(`${code}\n`) ?? []
  if (!name || code.includes('moveaxis')) return undefined
  const shape = /shape=\(([^)]*)\)/.exec(code)[1].split(',').filter(Boolean).map(Number)
  const positional = name === 'Constant' ? `value=${given}` : given
  const fields = positional
    .replace(/seed=\w+,?/, '')
    .replaceAll('math.', 'Math.')
    .replaceAll('None', "'none'")
    .replaceAll(/(\w+)=/g, '$1:')
  // oxlint-disable-next-line no-new-func -- arithmetic of the page's own code
  const options = new Function(`return {${fields}}`)()
  return simdinit.resolveDistribution(keras[name](options), shape)
}

/** Compares distributions: numbers to ten digits, without shapes, which are transposed. */
function close(a, b, name) {
  const plain = ({ shape: _, axis: __, ...rest }) =>
    JSON.stringify(rest, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(10)) : value))
  assert.equal(plain(a), plain(b), name)
}

/** A python3 with a module; skips with a message without one, or throws where SIMDINIT_ORACLES requires it. */
function pythonWith(module) {
  const python = ['python3', '/usr/bin/python3'].find(
    (command) => spawnSync(command, ['-c', `import ${module}`]).status === 0,
  )
  const wanted = process.env.SIMDINIT_ORACLES ?? ''
  const needed = wanted === '1' || wanted.split(',').includes(module)
  if (!python && needed) throw new Error(`no python3 has ${module}`)
  if (!python) console.log(`skip  no python3 has ${module}`)
  return python
}
