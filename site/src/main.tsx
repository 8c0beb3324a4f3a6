/** The start: the frame is painted at once, and the part that the address names is loaded after. */

import { render } from 'preact'
import { Frame } from './frame.tsx'
import './style.css'

render(<Frame />, document.getElementById('page')!)
