/**
 * Scans batches of tensors on this thread and on optional workers, each of which pulls the next batch when it is done
 * with one. The results do not depend on who scans what. If a worker fails, its batch is scanned on this thread, and the
 * worker gets no other.
 */

import { yieldToHost } from '../engine/platform.ts'
import type { StoredTensor } from '../safetensors/read-header.ts'
import { ReadAheadReader } from './read-ahead.ts'
import { scanTensor, type ScanContext, type TensorScan } from './scan-tensor.ts'
import type { SourceFile } from './inspection-records.ts'

/** Consecutive tensors of a file. */
export interface TensorBatch {
  /** Index of the file. */
  readonly file: number
  /** Byte at which the data of the file starts. */
  readonly dataOffset: number
  readonly tensors: readonly StoredTensor[]
}

export interface Scanner {
  /** One scan for each tensor, in order. */
  scan(batch: TensorBatch): Promise<readonly TensorScan[]>
}

/** Milliseconds of work between two turns of the event loop. */
const YIELD_INTERVAL_MS = 20

/** Scans on this thread. Has one file open at a time. */
export class LocalScanner implements Scanner {
  private readonly files: readonly SourceFile[]
  private readonly context: ScanContext
  private file = -1
  private lastYield = performance.now()

  constructor(files: readonly SourceFile[], context: ScanContext) {
    this.files = files
    this.context = context
  }

  async scan({ file, dataOffset, tensors }: TensorBatch): Promise<readonly TensorScan[]> {
    if (file !== this.file) await this.close()
    this.file = file
    const end = dataOffset + tensors[tensors.length - 1].end
    const reader = new ReadAheadReader(this.files[file].source, end, this.context.statsBackend.buffers)
    const scans: TensorScan[] = []
    try {
      for (const tensor of tensors) {
        scans.push(await scanTensor(tensor, dataOffset, reader, this.context))
        if (performance.now() - this.lastYield < YIELD_INTERVAL_MS) continue
        await yieldToHost() // one window may hold thousands of tensors, with no read in between
        this.lastYield = performance.now()
      }
    } finally {
      await reader.waitUntilIdle() // a source must not be closed during a read
    }
    return scans
  }

  async close(): Promise<void> {
    await this.files[this.file]?.source.close?.()
  }
}

/** Scans all batches, and passes each result to `onScanned`. Throws what the local scanner throws. */
export async function scanAll(
  batches: AsyncIterator<TensorBatch>,
  localScanner: Scanner,
  workerScanners: readonly Scanner[],
  onScanned: (batch: TensorBatch, scans: readonly TensorScan[]) => void,
): Promise<void> {
  const failedBatches: TensorBatch[] = []
  const scanNext = async (scanner: Scanner) => {
    for (;;) {
      const { value: batch, done } = await batches.next()
      if (done) return
      try {
        onScanned(batch, await scanner.scan(batch))
      } catch (error) {
        if (scanner === localScanner) throw error
        failedBatches.push(batch)
        return
      }
    }
  }
  await Promise.all([localScanner, ...workerScanners].map(scanNext))
  for (const batch of failedBatches) onScanned(batch, await localScanner.scan(batch))
}
