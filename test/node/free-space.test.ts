/** The free space of a disk, from what statfs reports. */

import { statfsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { getFreeBytes } from '../../src/node/prepare-output-dir.ts'

const EXT4 = 0xef53
const FUSE = 0x65735546

it.each([
  ['counts blocks of bsize', { type: EXT4, bavail: 10, bsize: 4096 }, 40_960],
  [
    'counts blocks of frsize where the host reports it',
    { type: FUSE, bavail: 10, bsize: 2 ** 20, frsize: 512 },
    5120,
  ],
  ['is unknown on FUSE where it does not', { type: FUSE, bavail: 10, bsize: 2 ** 20 }, Infinity],
  ['is 0 on a full disk of any kind', { type: FUSE, bavail: 0, bsize: 2 ** 20 }, 0],
])('%s', (_, stats, bytes) => {
  expect(getFreeBytes(stats)).toBe(bytes)
})

it('is a number for a real disk', () => {
  expect(getFreeBytes(statfsSync('.'))).toBeGreaterThan(0)
})
