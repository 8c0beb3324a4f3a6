/** A page that does nothing. Reports the milliseconds from navigation to its first line, which are the browser's. */

globalThis.first = { began: performance.now() }
