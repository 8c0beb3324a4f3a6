/**
 * A list of named things of which many are alike: what they have in common is in memory once, however many there are.
 */

import { Names } from './string-table.ts'

export class Alike<Kind extends object> {
  readonly names = new Names()
  private readonly kinds: Kind[] = []

  get length(): number {
    return this.kinds.length
  }

  push(name: string, kind: Kind): void {
    this.names.push(name)
    this.kinds.push(kind)
  }

  /** The kind that one of the last `most` entries has and that is `like`. */
  recent(most: number, like: (kind: Kind) => boolean): Kind | undefined {
    const { kinds } = this
    for (let i = kinds.length - 1; i >= Math.max(0, kinds.length - most); i--) {
      if (like(kinds[i])) return kinds[i]
    }
    return undefined
  }

  find(like: (kind: Kind) => boolean): Kind | undefined {
    return this.kinds.find(like)
  }

  /** Each as an object of its own, made when it is asked for. */
  *[Symbol.iterator](): Generator<Kind & { readonly name: string }> {
    for (const [name, kind] of this.entries()) yield { name, ...kind }
  }

  /** Each name with its kind, which is the one that was pushed and not a copy. */
  *entries(): Generator<readonly [name: string, kind: Kind]> {
    for (const [i, kind] of this.kinds.entries()) yield [this.names.at(i), kind]
  }
}
