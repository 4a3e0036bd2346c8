import { registerSW } from 'virtual:pwa-register'
import i18next from 'i18next'
import { offer } from '../ui'
import { whenIdle, whenQuiet } from './stale'

/**
 * Whether what waits is a new version: there is one before it. The very first one waits as well, for
 * a moment, and a second page that is loaded just then is told of it.
 */
async function isUpdate(): Promise<boolean> {
  const worker = await navigator.serviceWorker.getRegistration()
  return worker?.active != null && worker.waiting !== null
}

/**
 * The installed client. A new version is offered, never taken by itself, and not before what somebody
 * says here is over. Taken in one tab, it is the one of all: the others follow when they are idle.
 */
export function startUpdates(): void {
  if (!('serviceWorker' in navigator)) return
  let taken = false
  const takeNow = registerSW({
    onNeedRefresh: async () => {
      if (!(await isUpdate())) return
      whenQuiet(() =>
        offer({
          text: i18next.t('app.update.text'),
          action: {
            label: i18next.t('app.update.action'),
            run() {
              taken = true
              void takeNow(true)
            },
          },
        }),
      )
    },
    // Below: this is told only to tabs that have seen the new one waiting.
    onNeedReload() {},
  })
  let first = navigator.serviceWorker.controller === null
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    // The very first one takes over a page that is as new as itself.
    if (first) first = false
    else if (taken) location.reload()
    else whenIdle(() => location.reload())
  })
}
