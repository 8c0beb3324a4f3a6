/** `npm run site`: builds the playground and serves it on this machine until you press Ctrl+C. */

import { buildSite, page } from './build.mjs'
import { serve } from './server.mjs'

buildSite()
const { origin } = await serve(page)
console.log(`The playground: ${origin}/  (press Ctrl+C to stop)`)
