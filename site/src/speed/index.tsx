/** Not built yet. */

import { t } from './texts.ts'

export default function Speed() {
  return <h2>{t().title}</h2>
}
