/** Recognizes files that are often found in the place of another, by their first bytes. */

/** Bytes that `recognizeFile` looks at. */
export const PREFIX_BYTES = 64

/** By the first characters, one for each byte. */
const SIGNATURES: readonly (readonly [start: string, kind: string])[] = [
  [
    'version https://git-lfs',
    'a Git LFS pointer, not the file that it stands for; "git lfs pull" fetches it',
  ],
  ['PK\x03\x04', 'a zip archive, as PyTorch writes (.bin, .pt)'],
  ...[2, 3, 4, 5].map(
    (version) =>
      [
        `\x80${String.fromCharCode(version)}`,
        'a Python pickle, as old versions of PyTorch write (.bin, .pt)',
      ] as const,
  ),
  ['GGUF', 'a GGUF file'],
  ['\x89HDF\r\n', 'an HDF5 file, as Keras writes (.h5)'],
  ['\x93NUMPY', 'a NumPy array (.npy)'],
  ['\x1f\x8b', 'compressed by gzip'],
  ['\0'.repeat(PREFIX_BYTES), 'full of zeros at its start, as after an incomplete download'],
]

const WEB_PAGE_START = /^\s*<(?:!doctype html|html|head|\?xml)/i

/** What the file is, as the predicate of "it is", or undefined if its first bytes tell nothing. */
export function recognizeFile(prefix: Uint8Array): string | undefined {
  const text = decodeLatin1(prefix)
  if (text === '') return 'empty'
  if (WEB_PAGE_START.test(text)) return 'a web page, perhaps the error of a download'
  return SIGNATURES.find(([start]) => text.startsWith(start))?.[1]
}

/** The same for a file that should not be text, such as JSON or the message of a server. */
export function recognizeBinaryFile(prefix: Uint8Array): string | undefined {
  const text = decodeLatin1(prefix)
  const isText = /^[\t\n\r\x20-\x7e]+$/.test(text)
  return (
    recognizeFile(prefix) ??
    (isText ? `text that starts with ${JSON.stringify(text.slice(0, 24))}` : undefined)
  )
}

function decodeLatin1(prefix: Uint8Array): string {
  return String.fromCharCode(...prefix.subarray(0, PREFIX_BYTES))
}
