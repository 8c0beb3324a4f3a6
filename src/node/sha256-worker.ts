/**
 * SHA-256 beside the work: on a thread of its own, where the bytes are in memory that threads share and there are
 * enough of them to be worth its start; here otherwise.
 */

import { createHash, type Hash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { availableThreads } from '../engine/platform.ts'

/** Bytes that take longer to hash than a thread to start. */
const WORKER_THRESHOLD_BYTES = 2 ** 26

/** Answers each message when it is done with the bytes, and the one without bytes with the digest. */
const WORKER_SOURCE = `
const { createHash } = require('node:crypto')
const { parentPort } = require('node:worker_threads')
let hash = createHash('sha256')
parentPort.on('message', (bytes) => {
  if (bytes) hash.update(bytes)
  parentPort.postMessage(bytes ? '' : hash.digest('hex'))
  if (!bytes) hash = createHash('sha256')
})`

/** Of one file after the other. */
export class Hasher {
  private readonly worker: Worker | undefined
  private readonly pending: { settle: (answer: string) => void; fail: (error: Error) => void }[] = []
  private failure: Error | undefined
  private hash: Hash = createHash('sha256')

  /** For about so many bytes. */
  constructor(total: number) {
    if (total < WORKER_THRESHOLD_BYTES || availableThreads() === 1) return
    this.worker = new Worker(WORKER_SOURCE, { eval: true })
    this.worker.on('message', (answer: string) => {
      this.pending.shift()?.settle(answer)
      if (this.pending.length === 0) this.worker?.unref()
    })
    this.worker.on('error', (error) => {
      this.failure = error
      for (const { fail } of this.pending.splice(0)) fail(error)
    })
    this.worker.unref() // but while an answer is waited for
  }

  /** When it has ended, the bytes may change. */
  async update(bytes: Uint8Array): Promise<void> {
    if (!this.worker) this.hash.update(bytes)
    else if (bytes.buffer instanceof SharedArrayBuffer) await this.request(bytes)
    else {
      const copy = bytes.slice() // a message with the bytes themselves would copy all of their buffer
      await this.request(copy, [copy.buffer])
    }
  }

  /** In hex, of all since the last one. */
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
    return new Promise((settle, fail) => {
      this.pending.push({ settle, fail })
      this.worker?.ref()
      this.worker?.postMessage(bytes, transfer)
    })
  }
}
