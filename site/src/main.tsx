/** The start: the frame is painted at once, and the part that the address names is loaded after. */

import { render } from 'preact'
import { AppShell } from './app-shell.tsx'
import './style.css'

render(<AppShell />, document.getElementById('page')!)
