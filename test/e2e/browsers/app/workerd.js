/** Runs the golden set in a worker of workerd, with the kernels as a precompiled module, or without it. */

import * as simdinit from 'simdinit'
import wasm from 'simdinit/kernel.wasm'
import page from 'stream.md'
import { golden } from './golden.mjs'

export default {
  async fetch({ url }) {
    return Response.json(await golden(simdinit, page, url.endsWith('/module') ? { wasm } : {}))
  },
}
