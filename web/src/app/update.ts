import { registerSW } from 'virtual:pwa-register'
import i18next from 'i18next'
import { offer } from '../ui'
import { whenIdle, whenQuiet } from './stale'

/**
 * The installed client. A new version is offered, never taken by itself, and not before what somebody
 * says here is over. Taken in one tab, it is the one of all: the others follow when they are idle.
 */
export function startUpdates(): void {
  if (!('serviceWorker' in navigator)) return
  let taken = false
  const takeNow = registerSW({
    onNeedRefresh: () =>
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
      ),
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
