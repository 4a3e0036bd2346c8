import { useTranslation } from '../../i18n'
import { browserOf } from '../../people/browser'
import { Button, Sheet } from '../../ui'
import styles from './MicCheck.module.css'

/** How to open a blocked microphone, in this browser. */
export function How() {
  const { t } = useTranslation()
  const browser = browserOf(navigator.userAgent, navigator.maxTouchPoints)
  return (
    <p className={styles.how}>
      {window.isSecureContext ? t(`room.mic.how.${browser}`) : t('room.mic.insecure')}
    </p>
  )
}

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
      {!missing && <How />}
    </Sheet>
  )
}
