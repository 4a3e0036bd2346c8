import { useTranslation } from '../../i18n'
import { HowToAllow } from '../../people'
import { Button, Sheet } from '../../ui'

/** While seated without a microphone: why, and what to do. */
export function MicHelp({
  open,
  onOpenChange,
  why,
  onRetry,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  why: 'denied' | 'missing' | 'taken'
  onRetry(): void
}) {
  const { t } = useTranslation()
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t(`mic.${why}Title`)}
      lead={t(`room.mic.${why}Lead`)}
      actions={
        <Button look="primary" large full onClick={onRetry}>
          {t('common.retry')}
        </Button>
      }
    >
      {why === 'denied' && <HowToAllow />}
    </Sheet>
  )
}
