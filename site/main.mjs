/** `npm run site`: the playground, built and served on this machine until it is stopped. */

import { buildSite, page } from './build.mjs'
import { serve } from './server.mjs'

buildSite()
const { origin } = await serve(page)
console.log(`The playground: ${origin}/  (Ctrl+C ends it)`)
