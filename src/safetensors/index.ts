/** Safetensors files: layout, header, streaming writer, and splitting a checkpoint into shards. Runs in browsers. */
export {
  computeByteLength,
  encodeHeader,
  layoutFile,
  type FileLayout,
  type PlacedTensor,
  type TensorEntry,
} from './encode-header.ts'
export {
  formatIndex,
  INDEX_FILE,
  DEFAULT_MAX_SHARD_SIZE,
  parseShardSize,
  splitIntoShards,
  type Shard,
} from './shards.ts'
export {
  readHeader,
  type HeaderLimits,
  type ByteSource,
  type StoredDtype,
  type StoredFile,
  type StoredTensor,
} from './read-header.ts'
export { writeSafetensors, type Sink } from './writer.ts'
export { FormatError, SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'
