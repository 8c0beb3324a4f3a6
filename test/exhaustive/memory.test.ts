/** The largest preset, whole: 6.2 GB on disk. Run by `npm run test:exhaustive`. */

import { statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { emptyFolder, simdinit } from '../support/command.ts'

it('gpt2-xl in f32 is written, and verified, in less than 400 MB of resident memory', async (context) => {
  const cwd = emptyFolder()
  const { bavail, bsize } = statfsSync(cwd)
  if (bavail * bsize < 8e9) context.skip(`8 GB are needed in ${cwd}`)
  // reports the largest resident size of the process on file descriptor 2
  const probe = join(cwd, 'probe.mjs')
  writeFileSync(probe, "process.on('exit', () => console.error(process.resourceUsage().maxRSS))")
  const prefix = ['env', `NODE_OPTIONS=--import=${probe}`]
  for (const args of [
    ['init', 'gpt2-xl', '--out', 'xl', '--quiet'],
    ['verify', 'xl', '--quiet'],
  ]) {
    const { code, stderr } = await simdinit(args, { cwd, prefix })
    expect(code).toBe(0)
    expect(Number(stderr) * 1024).toBeLessThan(400e6)
  }
})
