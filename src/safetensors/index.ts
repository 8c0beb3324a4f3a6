/** Safetensors files: how one is laid out, reading its header, and writing it. Browser-safe. */
export { bytesOf, layOut, type FileLayout, type PlacedTensor, type TensorEntry } from './header.ts'
export {
  FormatError,
  readHeader,
  type ByteSource,
  type StoredDtype,
  type StoredFile,
  type StoredTensor,
} from './reader.ts'
export { writeSafetensors, type Sink } from './writer.ts'
