/** The golden set in the runtime that runs this file, as a line of JSON. */

import { readFileSync } from 'node:fs'
import * as simdinit from '../../dist/index.js'
import { golden } from './golden.mjs'

const page = readFileSync(new URL('../../docs/stream.md', import.meta.url), 'utf8')
console.log(JSON.stringify(await golden(simdinit, page)))
