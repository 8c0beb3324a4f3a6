/** Are this folder's own packages there? They are installed when that is first asked. */

import { ensureInstalled } from '../../../scripts/ensure-installed.mjs'

export const installed = ensureInstalled(import.meta.dirname)
