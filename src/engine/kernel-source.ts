/**
 * What the compiled kernels can be loaded from. The types describe URL, Response and WebAssembly.Module by what they
 * have, so that they do not depend on the declarations of DOM or Node.
 */

interface UrlLike {
  readonly href: string
  readonly protocol: string
}

interface ResponseLike {
  readonly ok: boolean
  readonly status: number
  readonly url: string
  arrayBuffer(): Promise<ArrayBuffer>
}

/** A WebAssembly.Module has no properties. This type accepts it and nothing that has any. */
interface ModuleLike {
  readonly noProperties?: never
}

/** A URL (in Node also of a file), a Response, the bytes, or a WebAssembly.Module. */
export type KernelSource = UrlLike | ResponseLike | ArrayBuffer | ArrayBufferView | ModuleLike
