/** SHA-256 on a worker thread, for amounts that are worth starting one; on the calling thread otherwise. */

import { createHash, type Hash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { availableThreads } from '../engine/platform.ts'

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
  private readonly worker: Worker | undefined
  private readonly pending: { resolve: (answer: string) => void; reject: (error: Error) => void }[] = []
  private failure: Error | undefined
  private hash: Hash = createHash('sha256')

  /** `totalBytes` is the expected amount, which decides where the hashing is done. */
  constructor(totalBytes: number) {
    if (totalBytes < WORKER_THRESHOLD_BYTES || availableThreads() === 1) return
    this.worker = new Worker(WORKER_SOURCE, { eval: true })
    this.worker.on('message', (answer: string) => {
      this.pending.shift()?.resolve(answer)
      if (this.pending.length === 0) this.worker?.unref()
    })
    this.worker.on('error', (error) => {
      this.failure = error
      for (const { reject } of this.pending.splice(0)) reject(error)
    })
    this.worker.unref() // referenced again while an answer is pending
  }

  /** Adds bytes to the current file. They must not change before the promise resolves. */
  async update(bytes: Uint8Array): Promise<void> {
    if (!this.worker) this.hash.update(bytes)
    else if (bytes.buffer instanceof SharedArrayBuffer) await this.request(bytes)
    else {
      const copy = bytes.slice() // posting the view would clone its whole buffer
      await this.request(copy, [copy.buffer])
    }
  }

  /** Returns the digest in hexadecimal of all bytes since the last one, and starts the next file. */
  async digest(): Promise<string> {
    if (this.worker) return this.request(undefined)
    const digest = this.hash.digest('hex')
    this.hash = createHash('sha256')
    return digest
  }

  async close(): Promise<void> {
    await this.worker?.terminate()
  }

  private request(bytes: Uint8Array | undefined, transfer: ArrayBuffer[] = []): Promise<string> {
    if (this.failure) throw this.failure
    return new Promise((resolve, reject) => {
      this.pending.push({ resolve, reject })
      this.worker?.ref()
      this.worker?.postMessage(bytes, transfer)
    })
  }
}
