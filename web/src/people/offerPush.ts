import { useTranslation } from '../i18n'
import { useProblemText } from '../i18n/problem'
import { push, turnPushOn } from '../realtime/push'
import { toast } from '../ui'

/**
 * For who has just asked to be told of something: offers to tell them in this browser also while Heyy is
 * closed, or says where that is not possible yet.
 */
export function useOfferPush(): () => void {
  const { t } = useTranslation()
  const say = useProblemText()
  return () => {
    const state = push.get()
    if (state === 'home_screen') toast({ text: t('notifications.offer.homeScreen') })
    if (state !== 'off') return
    toast({
      text: t('notifications.offer.text'),
      action: {
        label: t('notifications.offer.go'),
        run() {
          void turnPushOn().then((problem) => {
            if (problem) toast({ text: say(problem) })
            else if (push.get() === 'on') toast({ text: t('notifications.offer.done') })
            else if (push.get() === 'blocked') toast({ text: t('notifications.device.blocked') })
          })
        },
      },
    })
  }
}
