/** Memory use stays flat for many bytes, many tensors and large matrices. Run by `npm run test:slow`. */

import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createTempFolder, runSimdinit, TINY_CONFIG } from '../../support/run-simdinit.ts'

const MB = 1e6

/** Runs the command, and returns the peak resident size of its process in bytes. */
async function resident(cwd: string, ...args: string[]): Promise<number> {
  const probe = join(cwd, 'probe.mjs')
  writeFileSync(probe, "process.on('exit', () => console.error(process.resourceUsage().maxRSS))")
  const prefix = ['env', `NODE_OPTIONS=--import=${probe}`]
  const { code, stderr } = await runSimdinit([...args, '--threads', '4'], { cwd, prefix })
  expect(code).toBe(0)
  return Number(stderr) * 1024
}

/** The upper bound that the dry run reports. */
async function announced(
  cwd: string,
  ...args: string[]
): Promise<{ peakMemory: number; matrixMemory: number }> {
  return JSON.parse((await runSimdinit([...args, '--dry-run', '--json', '--quiet'], { cwd })).stdout)
}

it('gpt2-xl in f32, 6.2 GB, is written and verified in less than 400 MB of resident memory', async (context) => {
  const cwd = createTempFolder()
  const { bavail, bsize } = statfsSync(cwd)
  if (bavail * bsize < 8e9) context.skip(`8 GB are needed in ${cwd}`)
  expect(await resident(cwd, 'init', 'gpt2-xl', '--out', 'xl', '--quiet')).toBeLessThan(400 * MB)
  expect(await resident(cwd, 'verify', 'xl', '--quiet')).toBeLessThan(400 * MB)
})

it('150,000 tensors are planned, written, verified, continued and replaced in less than 400 MB', async () => {
  const cwd = createTempFolder()
  const { deepseek_v3: cases } = JSON.parse(readFileSync('scripts/fixtures/model-configs.json', 'utf8'))
  const { config } = cases.find(({ label }: { label: string }) => label === 'DeepSeek-V3')
  const small = { num_hidden_layers: 192, hidden_size: 8, vocab_size: 64 }
  const widths = ['intermediate_size', 'moe_intermediate_size', 'q_lora_rank', 'kv_lora_rank']
  const heads = [
    'qk_rope_head_dim',
    'qk_nope_head_dim',
    'v_head_dim',
    'num_attention_heads',
    'num_key_value_heads',
  ]
  for (const field of [...widths, ...heads]) config[field] = field === 'moe_intermediate_size' ? 1 : 2
  writeFileSync(join(cwd, 'many.json'), JSON.stringify({ ...config, ...small }))
  writeFileSync(join(cwd, 'large.json'), JSON.stringify({ ...config, num_hidden_layers: 192 }))
  const init = ['init', 'many.json', '--out', 'many', '--quiet']
  expect(await resident(cwd, 'init', 'large.json', '--dry-run', '--quiet')).toBeLessThan(400 * MB)
  const written = await resident(cwd, ...init)
  expect(written).toBeLessThan(400 * MB)
  expect(written).toBeLessThan((await announced(cwd, 'init', 'many.json')).peakMemory)
  expect(await resident(cwd, 'verify', 'many', '--quiet')).toBeLessThan(400 * MB)
  expect(await resident(cwd, ...init)).toBeLessThan(400 * MB)
  const sharded = [...init, '--max-shard-size', '1MB', '--force', '--seed']
  await resident(cwd, ...sharded, '1') // no index yet: this run writes it along with the manifest
  expect(await resident(cwd, ...sharded, '2')).toBeLessThan(400 * MB)
  rmSync(join(cwd, 'many', 'simdinit.json'))
  expect(await resident(cwd, ...sharded, '3')).toBeLessThan(400 * MB)
})

it('whole-matrix strategies take the memory that the dry run reports, for any number of matrices', async () => {
  const cwd = createTempFolder()
  writeFileSync(
    join(cwd, 'config.json'),
    JSON.stringify({ ...TINY_CONFIG, n_embd: 1536, n_head: 2, n_layer: 4 }),
  )
  const rules = [
    { match: '**.bias', strategy: { type: 'zeros' } },
    { match: '**.c_fc.weight', strategy: { type: 'orthogonal' } },
    { match: '**.mlp.c_proj.weight', strategy: { type: 'sparse', sparsity: 0.1, std: 0.02 } },
    { match: '**', strategy: { type: 'normal', std: 0.02 } },
  ]
  writeFileSync(join(cwd, 'recipe.json'), JSON.stringify({ format: 1, rules }))
  const args = ['init', 'config.json', '--recipe', 'recipe.json']
  const { peakMemory, matrixMemory } = await announced(cwd, ...args)
  expect(matrixMemory).toBeGreaterThan(1536 * 4 * 1536 * 4)
  expect(await resident(cwd, ...args, '--out', 'out', '--quiet')).toBeLessThan(peakMemory)
})
