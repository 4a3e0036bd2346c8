import { useState } from 'react'
import type { Lounge } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { reachKeys } from '../../i18n/vocabulary.gen'
import { Sheet, Trouble } from '../../ui'
import { calls } from '../../voice/calls'
import styles from './Reach.module.css'
import { RowWords } from './Rows'

/** Who may call: takes effect with the choice. */
export function ReachSheet({ lounge, onClose }: { lounge: Lounge; onClose(): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [problem, setProblem] = useState('')
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('call.reach.title')}
      lead={t('call.reach.lead')}
    >
      <fieldset className={styles.choices}>
        <legend className="only-heard">{t('call.reach.title')}</legend>
        {reachKeys.map((key) => (
          <label key={key} className={styles.choice}>
            <input
              type="radio"
              name="reach"
              checked={lounge.reach === key}
              onChange={async () => {
                const refused = await calls.setReach(key)
                setProblem(refused ? say(refused) : '')
              }}
            />
            <RowWords>
              <span>{t(`call.reach.${key}.title`)}</span>
              <small>{t(`call.reach.${key}.text`)}</small>
            </RowWords>
          </label>
        ))}
      </fieldset>
      <Trouble>{problem}</Trouble>
    </Sheet>
  )
}
