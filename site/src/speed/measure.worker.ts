/** Measures in a worker. The page stops a measurement by terminating the worker. */

import { expose } from 'comlink'
import { measure } from './measure.ts'

const measureService = { measure }
export type MeasureService = typeof measureService
expose(measureService)
