/**
 * SHA-256 on a worker thread, for amounts that are worth starting one and where one can start; on the calling thread
 * otherwise. If the worker fails, the files since its last answer have no digest, and their owner hashes them again.
 */

import { createHash, type Hash } from 'node:crypto'
import type { Worker } from 'node:worker_threads'
import { availableThreads } from '../engine/platform.ts'
import { startWorker } from './start-worker.ts'

/** Hashing fewer bytes takes less time than starting a thread. */
const WORKER_THRESHOLD_BYTES = 2 ** 26

/** Answers a message with bytes when they have been hashed, and a message without bytes with the digest. */
const WORKER_SOURCE = `
const { createHash } = require('node:crypto')
const { parentPort } = require('node:worker_threads')
let hash = createHash('sha256')
parentPort.on('message', (bytes) => {
  if (bytes) hash.update(bytes)
  parentPort.postMessage(bytes ? '' : hash.digest('hex'))
  if (!bytes) hash = createHash('sha256')
})`

/** Hashes one file after another. */
export class Hasher {
  private worker: Worker | undefined
  /** Called with the answer of the worker; without one if the worker fails. */
  private readonly pending: ((answer?: string) => void)[] = []
  private hash: Hash = createHash('sha256')
  /** Whether bytes of the current file were lost with the worker. */
  private isIncomplete = false

  /** `totalBytes` is the expected amount, which decides where the hashing is done. */
  constructor(totalBytes: number) {
    if (totalBytes < WORKER_THRESHOLD_BYTES || availableThreads() === 1) return
    this.worker = startWorker(WORKER_SOURCE)
    this.worker?.on('message', (answer: string) => {
      this.pending.shift()?.(answer)
      if (this.pending.length === 0) this.worker?.unref()
    })
    this.worker?.on('error', () => this.abandonWorker())
    this.worker?.on('exit', () => this.abandonWorker())
    this.worker?.unref() // referenced again while an answer is pending
  }

  /** Adds bytes to the current file. They must not change before the promise resolves. */
  async update(bytes: Uint8Array): Promise<void> {
    if (this.isIncomplete) return
    if (!this.worker) this.hash.update(bytes)
    else if (!(bytes.buffer instanceof ArrayBuffer)) await this.request(this.worker, bytes)
    else {
      const copy = bytes.slice() // posting the view would clone its whole buffer
      await this.request(this.worker, copy, [copy.buffer])
    }
  }

  /**
   * Returns the digest in hexadecimal of all bytes since the last one, and starts the next file. Undefined if the worker
   * has failed meanwhile.
   */
  async digest(): Promise<string | undefined> {
    const digest = this.worker ? await this.request(this.worker) : this.hash.digest('hex')
    const isIncomplete = this.isIncomplete
    this.hash = createHash('sha256')
    this.isIncomplete = false
    return isIncomplete ? undefined : digest
  }

  async close(): Promise<void> {
    await this.worker?.terminate()
  }

  private request(worker: Worker, bytes?: Uint8Array, transfer: ArrayBuffer[] = []) {
    return new Promise<string | undefined>((resolve) => {
      this.pending.push(resolve)
      worker.ref()
      worker.postMessage(bytes, transfer)
    })
  }

  private abandonWorker(): void {
    this.worker = undefined
    this.isIncomplete = true
    for (const resolve of this.pending.splice(0)) resolve()
  }
}
