/** Installs the packages of this folder. `npm run test:reference` uses TensorFlow.js from here. */

import { ensureInstalled } from '../../scripts/ensure-installed.mjs'

export const installed = ensureInstalled(import.meta.dirname)
