/** `npm test` tries each property with few inputs unless the test specifies a number; `npm run test:slow` with 100. */

import fc from 'fast-check'

fc.configureGlobal({ numRuns: 25 })
