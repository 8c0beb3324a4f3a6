/** The measurement, off the page's thread. Whoever wants it to end ends the worker. */

import { expose } from 'comlink'
import { measure } from './measure.ts'

const meter = { measure }
export type Meter = typeof meter
expose(meter)
