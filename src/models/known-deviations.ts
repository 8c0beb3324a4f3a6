/**
 * Where the recipe `hf` differs from a release of transformers. `hf` does what `_init_weights` is meant to do, bugs
 * excluded. Tests compare every tensor of every family with the values that transformers generates, except tensors of
 * an entry that is `stillPresent`.
 */

/** A difference between the recipe `hf` and some releases of transformers. */
export interface KnownDeviation {
  /** `model_type` of the family. */
  readonly family: string
  /** The tensors that differ, as a pattern for `matchesPattern`. */
  readonly match: string
  /** What transformers does, and in which versions. */
  readonly description: string
  /** The report upstream, as `<owner>/<repository>#<number>`. */
  readonly issue: string
  /** Whether the version of transformers that generates the test fixtures still behaves so. */
  readonly stillPresent: boolean
}

/** All known differences between the recipe `hf` and transformers. */
export const KNOWN_DEVIATIONS: readonly KnownDeviation[] = [
  {
    family: 'gpt2',
    match: '**.c_proj.weight',
    description:
      'transformers 5, up to at least 5.14, does not divide by sqrt(2 n_layer): weights are N(0, initializer_range)',
    issue: 'huggingface/transformers#47458',
    stillPresent: false,
  },
]
