/** What this part says. */

import { texts } from '../i18n.ts'

export const t = texts({ title: 'Speed' }, { title: 'Speed' })
