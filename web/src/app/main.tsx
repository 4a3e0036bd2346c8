import '@fontsource-variable/bricolage-grotesque/opsz.css'
import '@fontsource-variable/figtree/index.css'
import '../ui/tokens.css'
import '../ui/base.css'

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { me } from '../api'
import { startI18n } from '../i18n'
import { startTheme } from '../ui'
import { App } from './App'
import { fallen, wordless } from './fallen'
import { watchLoads } from './stale'

startTheme()
watchLoads()

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

// The words first: a page that changes its language under the eyes looks broken.
await startI18n().catch((error) => {
  wordless(root)
  throw error
})
createRoot(root, { onUncaughtError: fallen }).render(
  <StrictMode>
    <App />
  </StrictMode>,
)

/** At the share page of a room, perhaps: with a visitor nothing is installed before they join. */
const visits = () => {
  const { status } = me.get()
  const out = status === 'loading' || status === 'out'
  return out && location.pathname.startsWith('/rooms/') && !navigator.serviceWorker?.controller
}

if (import.meta.env.PROD) {
  // Nothing of the first page waits for this.
  const start = () => void import('./update').then(({ startUpdates }) => startUpdates())
  if (!visits()) start()
  else {
    const undo = me.subscribe(() => {
      if (visits()) return
      undo()
      start()
    })
  }
}
