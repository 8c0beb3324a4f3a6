/** Loads each part on demand. Kernels, charts and TensorFlow.js come with the part that needs them. */

import type { ComponentType } from 'preact'
import type { Part } from './address-state.ts'

export const PART_LOADERS: Readonly<Record<Part, () => Promise<{ default: ComponentType }>>> = {
  strategy: () => import('./strategy/index.tsx'),
  network: () => import('./network/index.tsx'),
  train: () => import('./train/index.tsx'),
  model: () => import('./model/index.tsx'),
  speed: () => import('./speed/index.tsx'),
}
