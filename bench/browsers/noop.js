/** An app that does nothing. Leaves behind the milliseconds from navigation to its first line: the browser's own. */

globalThis.first = { began: performance.now() }
