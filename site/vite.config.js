/** Builds the playground from the published entries: `simdinit` resolves to the package's `exports`. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vite'

const root = join(import.meta.dirname, '..')
const { name, exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const files = Object.entries(entries).map(([entry, file]) => [entry.slice(1), file.default ?? file])

export default defineConfig({
  base: './', // works from any folder
  resolve: {
    alias: files.map(([entry, file]) => ({
      find: new RegExp(`^${name}${entry}$`),
      replacement: join(root, file),
    })),
  },
  worker: { format: 'es' },
  build: {
    outDir: join(root, 'build/site/page'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // a policy may forbid data: URLs
  },
})
