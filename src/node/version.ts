/** Name and version of this package, as a manifest records them. */

import { readFileSync } from 'node:fs'

const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

export const VERSION: string = version
export const PACKAGE = `${name}@${version}`
