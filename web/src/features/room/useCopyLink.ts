import { useTranslation } from '../../i18n'
import { toast } from '../../ui'

/** Puts a room's address where it can be pasted, and says who can use it. Of a public room it is the share page. */
export function useCopyLink(room: string, shared: boolean): () => Promise<void> {
  const { t } = useTranslation()
  return async () => {
    try {
      await navigator.clipboard.writeText(new URL(`/rooms/${room}`, location.origin).href)
      toast({ text: t(shared ? 'room.shared.copied' : 'room.menu.copied') })
    } catch {
      toast({ text: t('room.menu.notCopied') })
    }
  }
}
