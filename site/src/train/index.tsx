/** Not built yet. */

import { t } from './texts.ts'

export default function Train() {
  return <h2>{t().title}</h2>
}
