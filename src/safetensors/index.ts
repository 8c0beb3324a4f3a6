/** Safetensors files: how one is laid out, and writing it. Browser-safe. */
export { bytesOf, layOut, type FileLayout, type PlacedTensor, type TensorEntry } from './header.ts'
export { writeSafetensors, type Sink } from './writer.ts'
