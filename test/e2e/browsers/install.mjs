/** Whether the packages of this folder are installed; the first import installs them. */

import { ensureInstalled } from '../../../scripts/ensure-installed.mjs'

export const installed = ensureInstalled(import.meta.dirname)
