import { useTranslation } from '../../i18n'
import { Button, Sheet } from '../../ui'
import styles from './MicCheck.module.css'

type Browser = 'chrome' | 'android' | 'firefox' | 'safari' | 'ios' | 'other'

/** Which way to the microphone's permission this browser has, by what it calls itself. */
export function browserOf(agent: string, touch: number): Browser {
  // An iPad calls itself a Mac, but a Mac has no touch screen.
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touch > 1)) return 'ios'
  if (/Firefox\//.test(agent)) return 'firefox'
  if (/Android/.test(agent)) return 'android'
  if (/Chrome\/|Chromium\/|Edg\//.test(agent)) return 'chrome'
  return /Safari\//.test(agent) ? 'safari' : 'other'
}

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
