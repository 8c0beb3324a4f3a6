/** What a finished output folder contains. */

import { createManifest, type Manifest, type Plan, type PlannedFile } from '../models/index.ts'
import { formatManifestLines } from '../models/manifest.ts'
import { formatIndex, INDEX_FILE } from '../safetensors/index.ts'
import type { AuxFile } from './aux-files.ts'
import { digestText } from './digest.ts'
import { CONFIG_FILE } from './read-json.ts'
import { PACKAGE } from './version.generated.ts'

export interface CheckpointSpec {
  readonly files: readonly PlannedFile[]
  /** Identifies the plan in the names of temporary files and digest files. */
  readonly planDigest: string
  /** Without the digests of the files. */
  readonly manifest: Manifest
  /** The text files, written after the weights, by name: config.json, and the index if there are shards. */
  readonly textFiles: ReadonlyMap<string, string>
  /** Copied from the folder of the config. */
  readonly auxFiles: readonly AuxFile[]
}

export function createSpec(plan: Plan, seed: string, auxFiles: readonly AuxFile[]): CheckpointSpec {
  const textFiles = new Map([[CONFIG_FILE, plan.configText]])
  if (plan.files.length > 1) textFiles.set(INDEX_FILE, formatIndex(plan.files, plan.parameters))
  const manifest = createManifest(plan, {
    seed,
    package: PACKAGE,
    configDigest: digestText(plan.configText),
    digests: [],
    copied: auxFiles,
  })
  // another version of the package continues the same plan
  const planDigest = digestText(formatManifestLines({ ...manifest, package: '' })).slice(0, 8)
  return { files: plan.files, planDigest, manifest, textFiles, auxFiles }
}

/** The files of a checkpoint other than the weights and the manifest. */
export function listNonWeightFiles({ textFiles, auxFiles }: CheckpointSpec): string[] {
  return [...textFiles.keys(), ...auxFiles.map(({ name }) => name)]
}
