import { useTranslation } from '../../i18n'
import { toast } from '../../ui'

/** Puts this room's address where it can be pasted, and says so. */
export function useCopyLink(): () => Promise<void> {
  const { t } = useTranslation()
  return async () => {
    try {
      await navigator.clipboard.writeText(location.href)
      toast({ text: t('room.menu.copied') })
    } catch {
      toast({ text: t('room.menu.notCopied') })
    }
  }
}
