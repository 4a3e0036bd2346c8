import { useTranslation } from '../../i18n'
import { HowToAllow } from '../../people'
import { Button, Sheet } from '../../ui'

/** While seated without a microphone: why, and what to do. */
export function MicHelp({
  open,
  onOpenChange,
  missing,
  onRetry,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  missing: boolean
  onRetry(): void
}) {
  const { t } = useTranslation()
  const which = missing ? 'missing' : 'denied'
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t(`room.mic.${which}Title`)}
      lead={t(`room.mic.${which}Lead`)}
      actions={
        <Button look="primary" large full onClick={onRetry}>
          {t('common.retry')}
        </Button>
      }
    >
      {!missing && <HowToAllow />}
    </Sheet>
  )
}
