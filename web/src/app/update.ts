import { registerSW } from 'virtual:pwa-register'
import i18next from 'i18next'
import { toast } from '../ui'

/**
 * The installed client. A new version is offered, never taken by itself: a
 * reload in the middle of a sentence would cut it.
 */
export function startUpdates(): void {
  const useNow = registerSW({
    onNeedRefresh() {
      toast({
        text: i18next.t('app.update.text'),
        action: { label: i18next.t('app.update.action'), run: () => void useNow(true) },
      })
    },
  })
}
