/**
 * The part "a whole model": plans, files with the bytes of the command's, inspected files, and anything else that is
 * dropped on it. The browser's dialogs are replaced by ones that return files of the site's own storage, which are
 * written in the same way.
 */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessible, fits, WIDTHS } from './site.mjs'

const root = join(import.meta.dirname, '../../..')
const work = mkdtempSync(join(tmpdir(), 'simdinit-site-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

const TINY = ['n_layer=2', 'n_embd=64', 'n_head=4', 'vocab_size=1000', 'n_positions=64']
/** Options of a model whose file is passed to the browser in several pieces. */
const LARGER = ['n_layer=2', 'n_embd=384', 'n_head=4']
const hashOf = (sets) =>
  `#model?${new URLSearchParams({ changes: sets.join(' '), dtype: 'bf16', seed: '7' })}`
const tinyHash = hashOf(TINY)

const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex')

const made = new Map()
/** The folder that the command creates for a model, by default the tiny one. */
function byCommand(shard = '5GB', changes = TINY) {
  const key = [shard, ...changes].join()
  if (made.has(key)) return made.get(key)
  const sets = changes.flatMap((change) => ['--set', change])
  const flags = [...sets, '--dtype', 'bf16', '--seed', '7', '--max-shard-size', shard]
  const out = join(work, `command-${made.size}`)
  execFileSync('node', [join(root, 'dist/cli/main.js'), 'init', 'gpt2', ...flags, '--out', out, '--quiet'])
  made.set(key, out)
  return out
}

/** The command verifies every byte of a folder. */
function verified(folder) {
  const output = execFileSync('node', [join(root, 'dist/cli/main.js'), 'verify', folder], {
    encoding: 'utf8',
  })
  assert.match(output, /every byte matches the manifest/)
}

/** A browser that does not let pages write to the disk. */
const noPickers = (page) =>
  page.addInitScript(() => {
    for (const name of ['showSaveFilePicker', 'showDirectoryPicker']) delete globalThis[name]
  })

/** A browser whose dialogs return `picked`, a file or folder of the site's storage. */
const pickers = (page) =>
  page.addInitScript(() => {
    const storage = () => navigator.storage.getDirectory()
    globalThis.showSaveFilePicker = async () => (await storage()).getFileHandle('picked', { create: true })
    globalThis.showDirectoryPicker = async () =>
      (await storage()).getDirectoryHandle('picked', { create: true })
  })

/** The sizes of the files in the site's storage, and in the folder `picked` there, by name. */
const stored = (page) =>
  page.evaluate(async () => {
    const found = {}
    const look = async (folder, path) => {
      for await (const [name, handle] of folder.entries()) {
        if (handle.kind === 'directory') await look(handle, `${path}${name}/`)
        else found[path + name] = (await handle.getFile()).size
      }
    }
    await look(await navigator.storage.getDirectory(), '')
    return found
  })

/** Runs `change` first in every worker of a page. */
async function beforeWorkers(page, change) {
  await page.route(/assets\/(plan|inspect)\.worker[^/]*\.js$/, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: `(${change})();${await response.text()}` })
  })
}

const step = (page, wanted, of = '.making') =>
  page.waitForFunction(([of, wanted]) => document.querySelector(of)?.dataset.step === wanted, [of, wanted])

let chosen = 0
/** Selects files in the file dialog: names and contents. */
async function choose(page, ...files) {
  const folder = join(work, String(chosen++))
  mkdirSync(folder)
  const paths = files.map(([name, content]) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  })
  await page.locator('input[type=file]').setInputFiles(paths)
}

/** Drops files on the page. */
async function drop(page, paths) {
  const data = await page.evaluateHandle(
    (files) => {
      const data = new DataTransfer()
      for (const [name, text] of files) {
        data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name))
      }
      return data
    },
    paths.map((path) => [path.split('/').at(-1), readFileSync(path).toString('base64')]),
  )
  await page.dispatchEvent('.drop', 'drop', { dataTransfer: data })
}

/** A safetensors file with a header and this many bytes of data. */
function safetensors(header, data = 0) {
  const text = typeof header === 'string' ? header : JSON.stringify(header)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)))
  return Buffer.concat([length, Buffer.from(text), Buffer.alloc(data)])
}

const problem = (page, of) => page.locator(`${of} [data-problem]`)

export const checks = {
  "model: a tiny model is downloaded with the command's bytes, config and manifest, and verifies": async (
    site,
  ) => {
    const page = await site.open({ hash: tinyHash, before: noPickers })
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Generate and download' }).click()
    const download = await downloading
    assert.equal(download.suggestedFilename(), 'model.safetensors')
    const path = join(work, 'downloaded.safetensors')
    await download.saveAs(path)
    const expected = sha256(join(byCommand(), 'model.safetensors'))
    assert.equal(sha256(path), expected)
    await page.getByRole('button', { name: 'SHA-256' }).click()
    assert.equal(await page.locator('[data-sum]').getAttribute('data-sum'), expected)

    const configuring = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save config.json' }).click()
    const config = join(work, 'config.json')
    await (await configuring).saveAs(config)
    assert.equal(readFileSync(config, 'utf8'), readFileSync(join(byCommand(), 'config.json'), 'utf8'))

    const manifesting = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Create simdinit.json' }).click()
    await (await manifesting).saveAs(join(work, 'saved/simdinit.json'))
    renameSync(path, join(work, 'saved/model.safetensors'))
    renameSync(config, join(work, 'saved/config.json'))
    verified(join(work, 'saved'))

    await page.getByRole('button', { name: 'Inspect it' }).click()
    await step(page, 'done', '.inspected')
    await page.getByText('compared with the recipe hf of GPT2LMHeadModel').waitFor()
    await page.getByText('No problems found.').waitFor()
    await accessible(page)
    for (const [device, width] of Object.entries(WIDTHS)) {
      await page.setViewportSize({ width, height: 900 })
      await fits(page)
      await site.shoot(page, `model-made-${device}`)
    }
  },

  "model: it is saved to a picked file with the command's bytes, also without threads": async (site) => {
    for (const [policy, changes] of [
      ['isolated', TINY],
      ['open', TINY],
      ['isolated', LARGER],
    ]) {
      const page = await site.open({ hash: hashOf(changes), before: pickers, policy })
      await page.getByRole('button', { name: 'Generate and save' }).click()
      await step(page, 'done')
      await page.getByRole('button', { name: 'SHA-256' }).click()
      const sum = await page.locator('[data-sum]').getAttribute('data-sum')
      assert.equal(sum, sha256(join(byCommand('5GB', changes), 'model.safetensors')))
      assert.deepEqual(Object.keys(await stored(page)), ['picked'])
    }
  },

  "model: several files are saved to a folder, with the command's bytes, config, index and manifest": async (
    site,
  ) => {
    const page = await site.open({ hash: `${tinyHash}&shard=100KB`, before: pickers })
    await page.getByRole('button', { name: 'Generate into a folder' }).click()
    await step(page, 'done')
    await page.getByRole('button', { name: 'Create simdinit.json' }).click()
    await page.getByText('simdinit.json is in the folder.').waitFor()
    const sums = await page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('picked')
      const sums = {}
      for await (const [name, handle] of folder.entries()) {
        const sum = await crypto.subtle.digest('SHA-256', await (await handle.getFile()).arrayBuffer())
        sums[name] = Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, '0')).join('')
      }
      return sums
    })
    const folder = byCommand('100KB')
    const names = readdirSync(folder)
    assert.ok(names.length > 5, names.join())
    assert.deepEqual(sums, Object.fromEntries(names.map((name) => [name, sha256(join(folder, name))])))
  },

  'model: without WebAssembly, and without storage, the bytes are the same': async (site) => {
    const page = await site.open({
      hash: tinyHash,
      policy: 'nowasm',
      before: async (page) => {
        await noPickers(page)
        await beforeWorkers(page, () => delete globalThis.StorageManager.prototype.getDirectory)
      },
    })
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Generate and download' }).click()
    const path = join(work, 'plain.safetensors')
    await (await downloading).saveAs(path)
    assert.equal(sha256(path), sha256(join(byCommand(), 'model.safetensors')))
    await page.getByText('js, threads: 1').waitFor()
  },

  'model: a cancelled run leaves nothing in a file, a folder or the storage': async (site) => {
    for (const [preset, before] of [
      ['gpt2-xl', pickers],
      ['gpt3-1.3b', pickers],
      ['gpt2-medium', noPickers],
    ]) {
      const page = await site.open({ hash: `#model?preset=${preset}`, before })
      await page.locator('.making button').first().click()
      await page.waitForFunction(() => document.querySelector('progress')?.value > 0)
      await page.getByRole('button', { name: 'Cancel' }).click()
      await problem(page, '.making').waitFor()
      assert.equal(await problem(page, '.making').getAttribute('data-problem'), 'cancelled')
      assert.deepEqual(await stored(page), {})
      await page.getByRole('button', { name: /^Generate/ }).waitFor()
    }
  },

  'model: a folder that already contains such a file is not changed': async (site) => {
    const page = await site.open({ hash: '#model?preset=gpt3-1.3b', before: pickers })
    const name = 'model-00002-of-00002.safetensors'
    await page.evaluate(async (name) => {
      const folder = await (
        await navigator.storage.getDirectory()
      ).getDirectoryHandle('picked', { create: true })
      const file = await (await folder.getFileHandle(name, { create: true })).createWritable()
      await file.write('trained for a month')
      await file.close()
    }, name)
    await page.getByRole('button', { name: 'Generate into a folder' }).click()
    await page.getByText(`The folder already contains ${name}.`).waitFor()
    assert.deepEqual(await stored(page), { [`picked/${name}`]: 19 })
  },

  'model: three gigabytes on a phone, and a storage that is too small, give descriptive errors': async (
    site,
  ) => {
    const phone = await site.open({
      hash: '#model?preset=gpt3-760m',
      before: async (page) => {
        await noPickers(page)
        await beforeWorkers(page, () => {
          delete globalThis.StorageManager.prototype.getDirectory
          Object.defineProperty(navigator, 'deviceMemory', { value: 2 })
        })
      },
    })
    await phone.getByRole('button', { name: 'Generate and download' }).click()
    await phone.getByText(/The checkpoint has 3\.\d GB\. This browser gives the site no storage/).waitFor()

    const page = await site.open({ hash: '#model?preset=gpt3-13b', before: noPickers })
    await page.getByRole('button', { name: 'Generate and download' }).click()
    await page.getByText(/The checkpoint has 5\d\.\d GB, but the browser gives this site/).waitFor()
  },

  'model: a disk that fills up during a run is reported, and the file is removed': async (site) => {
    const page = await site.open({
      hash: '#model?preset=gpt2',
      before: async (page) => {
        await noPickers(page)
        await beforeWorkers(page, () => {
          const { prototype } = globalThis.FileSystemSyncAccessHandle
          const { write } = prototype
          let room = 100_000_000
          prototype.write = function (bytes, options) {
            room -= bytes.length
            if (room < 0) throw new DOMException('no room', 'QuotaExceededError')
            return write.call(this, bytes, options)
          }
        })
      },
    })
    await page.getByRole('button', { name: 'Generate and download' }).click()
    await page.getByText('The unfinished file is removed.').waitFor()
    assert.deepEqual(await stored(page), {})
  },

  'model: what a closed tab left in the storage is removed by the next one': async (site) => {
    const page = await site.open({ hash: '#model?preset=gpt2-medium', before: noPickers })
    await page.getByRole('button', { name: 'Generate and download' }).click()
    await page.waitForFunction(() => document.querySelector('progress')?.value > 0)
    const next = await page.context().newPage()
    await noPickers(next)
    await next.goto(new URL(tinyHash, page.url()).href)
    await page.close({ runBeforeUnload: false })
    await next.waitForFunction(async () => {
      const root = await navigator.storage.getDirectory()
      return (await Array.fromAsync(root.keys())).length === 1
    })
    const downloading = next.waitForEvent('download')
    await next.getByRole('button', { name: 'Generate and download' }).click()
    await (await downloading).saveAs(join(work, 'next.safetensors'))
    assert.equal(Object.keys(await stored(next)).length, 1)
  },

  'model: a plan of twenty thousand tensors is shown in pages, and can be searched': async (site) => {
    const page = await site.open({ hash: '#model' })
    const config = {
      model_type: 'mixtral',
      architectures: ['MixtralForCausalLM'],
      num_hidden_layers: 100,
      num_local_experts: 64,
      hidden_size: 64,
      intermediate_size: 64,
      num_attention_heads: 4,
      num_key_value_heads: 4,
      vocab_size: 100,
    }
    await choose(page, ['config.json', JSON.stringify(config)])
    await page.getByText('MixtralForCausalLM').waitFor()
    const tensors = Number(await page.locator('.facts').getAttribute('data-tensors'))
    assert.ok(tensors > 19_000, `${tensors} tensors`)
    const table = page.getByRole('region', { name: 'Tensors of the plan' })
    assert.equal(await table.locator('tbody tr').count(), 15)
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByText('16 to 30 of').waitFor()
    await page.getByLabel('Find a tensor').fill('layers.99 experts.63')
    await page.getByText('1 to 3 of 3').waitFor()
    assert.match(await table.locator('tbody').textContent(), /layers\.99\..*experts\.63/)
    await page.getByRole('button', { name: 'Back to presets' }).click()
    await page.getByText('GPT2LMHeadModel').waitFor()
  },

  'model: an invalid config gives a descriptive error, and the page keeps working': async (site) => {
    const page = await site.open({ hash: '#model' })
    const bad = [
      ['notes.json', 'hello', /^This is not JSON/],
      ['picture.json', Buffer.from([0x89, 0x50, 0xff, 0xfe]), /not UTF-8 text/],
      ['config.json', '[1, 2]', /must be an object/],
      ['config.json', '{"model_type":"unheard-of"}', /model_type/],
      ['config.json', '{"model_type":"gpt2","n_layer":-1}', /"n_layer" must be an integer/],
      ['config.json', '{"model_type":"gpt2","__proto__":{"n_layer":1}}', /__proto__/],
      ['config.json', `{"model_type":"gpt2","a":${'['.repeat(5000)}${']'.repeat(5000)}}`, /nested/],
      ['model.safetensors.index.json', '{"weight_map":{}}', /index of a checkpoint/],
      [
        'config.json',
        '{"model_type":"deepseek_v3","num_hidden_layers":9999,"n_routed_experts":9999}',
        /at most/,
      ],
      ['config.json', Buffer.alloc(10_000_001, ' '), /longer than/],
    ]
    for (const [name, text, said] of bad) {
      await choose(page, [name, text])
      await page.locator('[data-problem]', { hasText: said }).waitFor()
      await page.getByRole('button', { name: 'Back to presets' }).click()
      await page.getByText('GPT2LMHeadModel').waitFor()
    }
    await page.getByLabel('Changes').fill('n_layers')
    await page.locator('[data-problem]', { hasText: 'key=value' }).waitFor()
    await accessible(page)
    await page.getByLabel('Changes').fill('')
    await page.getByLabel('Recipe').selectOption('mup')
    await page.getByLabel('Base width').fill('none')
    await page.locator('[data-problem]', { hasText: 'base width' }).waitFor()
    await page.getByLabel('Base width').fill('256')
    await page.getByText('GPT2LMHeadModel').waitFor()
  },

  'model: an invalid safetensors file gives a descriptive error, and the page keeps working': async (
    site,
  ) => {
    const page = await site.open({ hash: tinyHash })
    const whole = readFileSync(join(byCommand(), 'model.safetensors'))
    const one = (fields) => ({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields } })
    const bad = [
      ['empty.safetensors', Buffer.alloc(0), /it is empty/],
      ['truncated.safetensors', whole.subarray(0, whole.length - 1000), /its header requires/],
      ['cut.safetensors', whole.subarray(0, 100), /its header would end at byte/],
      ['ones.safetensors', Buffer.alloc(64, 0xff), /which is too large/],
      ['photo.jpg', Buffer.from('ÿØÿà, and what else a photograph begins with'), /too large|header/],
      [
        'gap.safetensors',
        safetensors(one({ data_offsets: [8, 16] }), 16),
        /begins at byte 8 of the data instead of 0/,
      ],
      ['size.safetensors', safetensors(one({ shape: [3] }), 8), /its shape requires 12/],
      [
        'huge.safetensors',
        safetensors(one({ shape: [2 ** 40, 2 ** 40] }), 8),
        /more elements than can be counted/,
      ],
      ['deep.safetensors', safetensors(`{"a":${'['.repeat(1e5)}`), /header cannot be read/],
      ['long.safetensors', safetensors(' '.repeat(2 ** 25 + 8)), /this page reads at most/],
    ]
    for (const [name, bytes, said] of bad) {
      await choose(page, [name, bytes])
      await page.locator('.inspected h3', { hasText: name }).waitFor()
      await problem(page, '.inspected').filter({ hasText: said }).waitFor()
    }
    await choose(page, ['none.safetensors', safetensors({})])
    await page.getByText('0 tensors, 0 values').waitFor()
    await page.getByText('GPT2LMHeadModel').waitFor()
  },

  'model: a dropped file is inspected; with its config, a mistake in it is found and named': async (site) => {
    const folder = byCommand()
    const page = await site.open({ hash: '#model' })
    await drop(page, [join(folder, 'model.safetensors'), join(folder, 'config.json')])
    await step(page, 'done', '.inspected')
    await page.getByText('compared with the recipe hf of GPT2LMHeadModel').waitFor()
    await page.getByText('No problems found.').waitFor()

    const bytes = readFileSync(join(folder, 'model.safetensors'))
    bytes.fill(0xff, bytes.length - 64) // NaN in bf16
    const path = join(work, 'broken.safetensors')
    writeFileSync(path, bytes)
    await drop(page, [path])
    await page.locator('.findings [data-kind=nan]', { hasText: 'NaN: 32 of' }).waitFor()
    await page.getByText('not compared with a recipe').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.locator('.inspected').waitFor({ state: 'detached' })
  },
}
