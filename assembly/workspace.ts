/**
 * The layout of a workspace, which holds all the state that one thread needs for a fill. Kernels take a pointer to it.
 *
 * The module has no data segment, no heap and no mutable global, so any number of instances can share one memory. The
 * caller chooses the address of each workspace (a multiple of 16) and writes the job to it before it calls a kernel.
 * Offsets are in bytes.
 */

/** The key of the tensor: four u64, little-endian. */
export const KEY: usize = 0
/** What becomes of a draw: one of the transforms below. */
export const TRANSFORM: usize = 32
/** How an element is stored: one of the dtypes below. */
export const DTYPE: usize = 36
/** The address of the jump tables (jump.ts); 0 without tables. */
export const JUMP_TABLES_ADDRESS: usize = 40
/** The matrix of orthogonal.ts: rows, columns, whether it is stored transposed, the address of its data, and its gain. */
export const ROWS: usize = 44
export const COLUMNS: usize = 48
export const TRANSPOSED: usize = 52
export const DATA_ADDRESS: usize = 56
export const GAIN: usize = 60
/** Slots of 4 bytes: first the parameters of the transform, which the caller sets. */
export const SLOTS: usize = 64
export const SCALE: usize = SLOTS
export const MEAN: usize = SLOTS + 4
export const LOW: usize = SLOTS + 8
export const HIGH: usize = SLOTS + 12
/** truncatedSymmetric: f' = f * WIDTH + copysign(BASE, f). truncated: see truncated.ts. */
export const WIDTH: usize = SLOTS + 16
export const BASE: usize = SLOTS + 20
export const BASE_LOWER: usize = SLOTS + 24
export const UPPER_DRAWS: usize = SLOTS + 28
export const ALL_UPPER: usize = SLOTS + 32
/** Constants, which `broadcastConstants` sets. */
export const HALF: usize = SLOTS + 36
export const ONE: usize = SLOTS + 40
export const SIGN_MASK: usize = SLOTS + 44
/** The upper half of an f32, which is the index of its cell in the table. */
export const CELL_MASK: usize = SLOTS + 48
/** Rounding to bf16: the mask of the last place, and the value to add. */
export const LOWEST_BIT: usize = SLOTS + 52
export const BF16_ROUNDING_BIAS: usize = SLOTS + 56
/**
 * Rounding to f16 and f8 (cast.ts): the mask of the exponent of an f32; then, for the dtype of the job, the smallest
 * normal value, the distance of its last place from that of f32 (added to the exponent), and the mask of signs.
 */
export const EXPONENT_MASK: usize = SLOTS + 60
export const MIN_NORMAL: usize = SLOTS + 64
export const ULP_EXPONENT_OFFSET: usize = SLOTS + 68
export const ELEMENT_SIGN_MASK: usize = SLOTS + 72
export const SLOTS_END: usize = SLOTS + 76

/** xoshiro256++ states of the current block: words s0..s3 of lanes 0 and 1, then of lanes 2 and 3. */
export const STATE: usize = (SLOTS_END + 63) & ~63
/** Every slot again, in all four lanes of a vector (broadcast.ts). */
export const BROADCASTS: usize = STATE + 128
/** The draws of two chunks: while one is transformed, the next is generated. */
export const DRAWS: usize = (BROADCASTS + ((SLOTS_END - SLOTS) << 2) + 63) & ~63
/** Draws in a chunk. Two chunks and the hot part of the table stay in a first-level cache of 32 KiB. */
export const CHUNK_DRAWS: u32 = 512
/** Bytes of a chunk: its draws, and room for the last vectors of a ragged one. */
export const CHUNK_BYTES: usize = ((<usize>CHUNK_DRAWS) << 2) + 64
/** Bytes of a workspace. */
export const WORKSPACE_BYTES: usize = DRAWS + (CHUNK_BYTES << 1)

/**
 * The quantile table. The entry of index h (the upper half of the bit pattern of f) is at address 8h, so that a look-up
 * is a shift and a load. Indices in use are 12288 to 20351 and, for negative f, 45056 to 53119. The addresses below,
 * between and above these two runs are free for workspaces and data.
 */
export const TABLE_POSITIVE: usize = 12288 << 3
export const TABLE_NEGATIVE: usize = 45056 << 3
/** No look-up reaches this address or a higher one, whatever the bits of f. */
export const TABLE_END: usize = 65536 << 3

/** Transforms. */
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
export const F8_E4M3: u32 = 3
export const F8_E5M2: u32 = 4
