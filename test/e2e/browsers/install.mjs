/** Are this folder's own packages there? They are installed when that is first asked. */

import { installedIn } from '../../../scripts/installed.mjs'

export const installed = installedIn(import.meta.dirname)
