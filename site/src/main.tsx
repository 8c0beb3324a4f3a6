/** Entry point: paints the frame at once, then loads the part that the address names. */

import { render } from 'preact'
import { AppShell } from './app-shell.tsx'
import './style.css'

render(<AppShell />, document.getElementById('page')!)
