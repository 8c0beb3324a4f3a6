/** Manifests and indexes that are much larger than any checkpoint needs are refused in little memory. */

import { closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { inspect, verify } from '../../src/node/index.ts'
import { createTempFolder, runSimdinit } from '../support/run-simdinit.ts'
import { itSlow } from '../support/tier.ts'

it.each([
  ['simdinit.json', 6e9, verify],
  ['model.safetensors.index.json', 1e9, inspect],
] as const)('%s of %i bytes is refused for its size', async (name, size, read) => {
  const folder = createTempFolder()
  const file = openSync(join(folder, name), 'w')
  ftruncateSync(file, size)
  closeSync(file)
  await expect(read(folder)).rejects.toThrow(/ is larger than \d+ bytes$/)
})

/** Prints the peak resident size of the process at its end, in KiB. */
const PROBE = "process.on('exit', () => console.error(process.resourceUsage().maxRSS))"

const tensor = (i: number) =>
  `{"name":"${i}","shape":[1],"dtype":"f32","file":"a","strategy":{"type":"zeros"},"distribution":{"type":"constant","value":0}}`

itSlow.each([
  ['verify', 'simdinit.json', '{"tensors":[', tensor, ']}', 'its stream version|"format" must'],
  ['verify', 'simdinit.json', '{"tensors":[', () => '[]', ']}', '"tensor" must be an object'],
  ['verify', 'simdinit.json', '{"recipe":[', () => '[]', ']}', 'a value has more than'],
  [
    'inspect',
    'model.safetensors.index.json',
    '{"weight_map":{',
    (i: number) => `"${i}":"a"`,
    '}}',
    'lists more than',
  ],
  ['inspect', 'model.safetensors.index.json', '{"metadata":[', () => '[]', ']}', '"weight_map" must be'],
] as const)(
  '%s reads %s of 80 MB in at most four times its size: %s',
  async (command, name, head, item, tail, message) => {
    const cwd = createTempFolder()
    const file = openSync(join(cwd, name), 'w')
    writeFileSync(file, head)
    for (let i = 0, size = 0; size < 8e7;) {
      const text = Array.from({ length: 1e5 }, () => item(i++)).join()
      size += text.length
      writeFileSync(file, size < 8e7 ? `${text},` : text)
    }
    writeFileSync(file, tail)
    closeSync(file)
    writeFileSync(join(cwd, 'probe.mjs'), PROBE)
    const prefix = ['env', `NODE_OPTIONS=--max-old-space-size=300 --import=${join(cwd, 'probe.mjs')}`]
    const { code, stderr } = await runSimdinit([command, '.'], { cwd, prefix })
    expect(code).toBe(2)
    expect(stderr).toMatch(new RegExp(message))
    expect(Number(/\d+$/.exec(stderr.trim())) * 1024).toBeLessThan(4 * 8e7 + 1e8)
  },
)
