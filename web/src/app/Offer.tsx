import { X } from 'lucide-react'
import { useTranslation } from '../i18n'
import { Button, IconButton, useOffer } from '../ui'
import { Docked } from './Docked'
import styles from './Docked.module.css'

/** What waits for an answer, as a new version does: among the bars, for it may wait for long. */
export function Offer() {
  const { t } = useTranslation()
  const [offer, dismiss] = useOffer()
  return (
    <div role="status">
      {offer && (
        <Docked what="offer" label={t('app.offer')}>
          <p className={styles.said}>
            {typeof offer.text === 'function' ? offer.text() : offer.text}
          </p>
          <Button
            look="primary"
            onClick={() => {
              offer.action.run()
              dismiss()
            }}
          >
            {offer.action.label}
          </Button>
          <IconButton label={t('common.close')} icon={X} onClick={dismiss} />
        </Docked>
      )}
    </div>
  )
}
