/** The measurement, off the page's thread. Whoever wants it to end ends the worker. */

import { expose } from 'comlink'
import { measure } from './measure.ts'

const measureService = { measure }
export type MeasureService = typeof measureService
expose(measureService)
