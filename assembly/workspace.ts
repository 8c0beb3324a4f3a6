/**
 * The workspace: all the state one thread needs for a fill, behind one pointer.
 *
 * The module has no data segment, no heap and no mutable global, so any number of instances can share one
 * memory: the caller chooses where each workspace lies (16-byte aligned) and writes the job into it before
 * it calls a kernel. Offsets are in bytes.
 */

/** The tensor's key: four u64, little-endian. */
export const KEY: usize = 0
/** What becomes of a draw: one of the maps below. */
export const MAP: usize = 32
/** How an element is stored: one of the dtypes below. */
export const DTYPE: usize = 36
/** The parameters of the map, a slot of 4 bytes each (below). */
export const PARAMETERS: usize = 48
/** Where `hold` passes a constant through memory. */
export const HOLD: usize = 112
/** xoshiro256++ states of the current block: words s0..s3 of lanes 0 and 1, then of lanes 2 and 3. */
export const STATE: usize = 128
/** The draws of the current piece, which the passes turn into values in place. */
export const DRAWS: usize = 256
/** Draws in a piece: together with the hot part of the table it stays in a 32 KiB first-level cache. */
export const PIECE: u32 = 2048
/** Bytes of a workspace; the last vector of a ragged piece reads, but never uses, up to 60 bytes more. */
export const WORKSPACE: usize = DRAWS + ((<usize>PIECE) << 2) + 64

/** Parameters: slots within PARAMETERS. */
export const SCALE: usize = PARAMETERS
export const MEAN: usize = PARAMETERS + 4
export const LOW: usize = PARAMETERS + 8
export const HIGH: usize = PARAMETERS + 12
/** truncatedSymmetric: f' = f * WIDTH + copysign(BASE, f). truncated: see truncated.ts. */
export const WIDTH: usize = PARAMETERS + 16
export const BASE: usize = PARAMETERS + 20
export const BASE_LOWER: usize = PARAMETERS + 24
export const UPPER_DRAWS: usize = PARAMETERS + 28
export const ALL_UPPER: usize = PARAMETERS + 32

/**
 * The quantile table: the entry of index h (upper half of the pattern of f) lies at address 8h, so a look-up
 * is a shift and a load. Indices in use are 12288..20351 and, for negative f, 45056..53119; the addresses
 * below, between and above these two runs are free for workspaces and data.
 */
export const TABLE_POSITIVE: usize = 12288 << 3
export const TABLE_NEGATIVE: usize = 45056 << 3
/** No look-up, of whatever bits, reaches this address or one above it. */
export const TABLE_END: usize = 65536 << 3

/** Maps. */
export const BITS: u32 = 0
export const CONSTANT: u32 = 1
export const UNIFORM: u32 = 2
export const NORMAL: u32 = 3
export const TRUNCATED_SYMMETRIC: u32 = 4
export const TRUNCATED: u32 = 5

/** Dtypes. */
export const F32: u32 = 0
export const BF16: u32 = 1
export const F16: u32 = 2
