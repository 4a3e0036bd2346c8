import { useState } from 'react'
import type { QueueStatus } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { callPrivacyKeys } from '../../i18n/vocabulary.gen'
import { Sheet, Trouble } from '../../ui'
import { calls } from '../../voice/calls'
import styles from './CallPrivacy.module.css'
import { RowWords } from './Rows'

/** Who may call: takes effect with the choice. */
export function CallPrivacySheet({ queue, onClose }: { queue: QueueStatus; onClose(): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [problem, setProblem] = useState('')
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('call.privacy.title')}
      lead={t('call.privacy.lead')}
    >
      <fieldset className={styles.choices}>
        <legend className="only-heard">{t('call.privacy.title')}</legend>
        {callPrivacyKeys.map((key) => (
          <label key={key} className={styles.choice}>
            <input
              type="radio"
              name="call_privacy"
              checked={queue.call_privacy === key}
              onChange={async () => {
                const refused = await calls.setCallPrivacy(key)
                setProblem(refused ? say(refused) : '')
              }}
            />
            <RowWords>
              <span>{t(`call.privacy.${key}.title`)}</span>
              <small>{t(`call.privacy.${key}.text`)}</small>
            </RowWords>
          </label>
        ))}
      </fieldset>
      <Trouble>{problem}</Trouble>
    </Sheet>
  )
}
