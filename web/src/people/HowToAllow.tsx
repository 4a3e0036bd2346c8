import { useTranslation } from '../i18n'
import { browserOf } from '../ui'
import styles from './MicCheck.module.css'

/** How to open a blocked microphone, in this browser. */
export function HowToAllow() {
  const { t } = useTranslation()
  const browser = browserOf(navigator.userAgent, navigator.maxTouchPoints)
  return (
    <p className={styles.how}>
      {window.isSecureContext ? t(`mic.how.${browser}`) : t('mic.insecure')}
    </p>
  )
}
