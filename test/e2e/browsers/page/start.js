/** Starts run.js in the context that the address names: this page, an iframe or a worker. */

const asked = new URLSearchParams(location.search)
const inside = asked.get('in')
asked.delete('in')
if (inside === 'worker') {
  const worker = new Worker(`run.js?${asked}`, { type: 'module' })
  worker.addEventListener('error', ({ message }) => {
    const body = JSON.stringify({ error: message || 'the worker could not be loaded' })
    void fetch(`/results?id=${asked.get('id')}`, { method: 'POST', body })
  })
} else if (inside === 'iframe') {
  const frame = document.createElement('iframe')
  frame.src = `page.html?${asked}`
  document.body.append(frame)
} else {
  const script = document.createElement('script')
  script.type = 'module'
  script.src = 'run.js'
  document.body.append(script)
}
