/**
 * Those who look at tensors: one here, which reads from the sources of the files, and perhaps others beside it, who
 * read for themselves. Each takes the next stretch of tensors when it is through with one; whoever looks, sees the same.
 * If another fails, for whatever reason, its stretch is looked at here, and it is not asked again.
 */

import { yieldToHost } from '../engine/platform.ts'
import type { StoredTensor } from '../safetensors/reader.ts'
import { scanTensor, type TensorScan, type ScanContext } from './scan-tensor.ts'
import type { SourceFile } from './inspect-tensors.ts'
import { ReadAheadReader } from './read-ahead.ts'

/** Tensors that follow one another in a file, whose data begins at byte `data`. */
export interface TensorBatch {
  readonly file: number
  readonly dataOffset: number
  readonly tensors: readonly StoredTensor[]
}

export interface Scanner {
  /** In the order of the tensors. */
  scan(stretch: TensorBatch): Promise<readonly TensorScan[]>
}

/** Milliseconds that a page may wait for its turn. */
const YIELD_INTERVAL_MS = 20

/** Looks at files one after the other, and has one open at a time. */
export class LocalScanner implements Scanner {
  private readonly files: readonly SourceFile[]
  private readonly context: ScanContext
  private file = -1
  private lastYield = performance.now()

  constructor(files: readonly SourceFile[], means: ScanContext) {
    this.files = files
    this.context = means
  }

  async scan({ file, dataOffset, tensors }: TensorBatch): Promise<readonly TensorScan[]> {
    if (file !== this.file) await this.close()
    this.file = file
    const end = dataOffset + tensors[tensors.length - 1].end
    const windows = new ReadAheadReader(this.files[file].source, end, this.context.statsBackend.buffers)
    const looks: TensorScan[] = []
    try {
      for (const tensor of tensors) {
        looks.push(await scanTensor(tensor, dataOffset, windows, this.context))
        if (performance.now() - this.lastYield < YIELD_INTERVAL_MS) continue
        await yieldToHost() // a window may hold thousands of tensors
        this.lastYield = performance.now()
      }
    } finally {
      await windows.waitUntilIdle() // nothing is closed while it is read
    }
    return looks
  }

  async close(): Promise<void> {
    await this.files[this.file]?.source.close?.()
  }
}

/** Has every stretch looked at, and hands over what was seen. Throws what is thrown here. */
export async function scanAll(
  stretches: AsyncIterator<TensorBatch>,
  localScanner: Scanner,
  workerScanners: readonly Scanner[],
  onScanned: (stretch: TensorBatch, looks: readonly TensorScan[]) => void,
): Promise<void> {
  const failedBatches: TensorBatch[] = []
  const work = async (looker: Scanner) => {
    for (;;) {
      const { value: stretch, done } = await stretches.next()
      if (done) return
      try {
        onScanned(stretch, await looker.scan(stretch))
      } catch (error) {
        if (looker === localScanner) throw error
        failedBatches.push(stretch)
        return
      }
    }
  }
  await Promise.all([localScanner, ...workerScanners].map(work))
  for (const stretch of failedBatches) onScanned(stretch, await localScanner.scan(stretch))
}
