/**
 * Those who look at tensors: one here, which reads from the sources of the files, and perhaps others beside it, who
 * read for themselves. Each takes the next stretch of tensors when it is through with one; whoever looks, sees the same.
 * If another fails, for whatever reason, its stretch is looked at here, and it is not asked again.
 */

import { breath } from '../engine/host.ts'
import type { StoredTensor } from '../safetensors/reader.ts'
import { lookAt, type Look, type Means } from './look.ts'
import type { SourceFile } from './tensors.ts'
import { Windows } from './window.ts'

/** Tensors that follow one another in a file, whose data begins at byte `data`. */
export interface Stretch {
  readonly file: number
  readonly data: number
  readonly tensors: readonly StoredTensor[]
}

export interface Looker {
  /** In the order of the tensors. */
  look(stretch: Stretch): Promise<readonly Look[]>
}

/** Milliseconds that a page may wait for its turn. */
const UNBROKEN = 20

/** Looks at files one after the other, and has one open at a time. */
export class LookerHere implements Looker {
  private readonly files: readonly SourceFile[]
  private readonly means: Means
  private file = -1
  private rested = performance.now()

  constructor(files: readonly SourceFile[], means: Means) {
    this.files = files
    this.means = means
  }

  async look({ file, data, tensors }: Stretch): Promise<readonly Look[]> {
    if (file !== this.file) await this.close()
    this.file = file
    const end = data + tensors[tensors.length - 1].end
    const windows = new Windows(this.files[file].source, end, this.means.passes.rooms)
    const looks: Look[] = []
    try {
      for (const tensor of tensors) {
        looks.push(await lookAt(tensor, data, windows, this.means))
        if (performance.now() - this.rested < UNBROKEN) continue
        await breath() // a window may hold thousands of tensors
        this.rested = performance.now()
      }
    } finally {
      await windows.settled() // nothing is closed while it is read
    }
    return looks
  }

  async close(): Promise<void> {
    await this.files[this.file]?.source.close?.()
  }
}

/** Has every stretch looked at, and hands over what was seen. Throws what is thrown here. */
export async function lookAtAll(
  stretches: AsyncIterator<Stretch>,
  here: Looker,
  others: readonly Looker[],
  seen: (stretch: Stretch, looks: readonly Look[]) => void,
): Promise<void> {
  const left: Stretch[] = []
  const work = async (looker: Looker) => {
    for (;;) {
      const { value: stretch, done } = await stretches.next()
      if (done) return
      try {
        seen(stretch, await looker.look(stretch))
      } catch (error) {
        if (looker === here) throw error
        left.push(stretch)
        return
      }
    }
  }
  await Promise.all([here, ...others].map(work))
  for (const stretch of left) seen(stretch, await here.look(stretch))
}
