import { useTranslation } from '../i18n'
import { Chips, Range } from '../ui'
import { type Ages, agesInWords, OLDEST, YOUNGEST } from './ages'
import { genders, type Intent, intents, known } from './lists'
import styles from './people.module.css'

export type Meeting = { meet: readonly string[]; ages: Ages; intents: readonly string[] }

/** Whom somebody would like to meet, of what age, and what for. */
export function WhoToMeet({ value, onChange }: { value: Meeting; onChange(value: Meeting): void }) {
  const { t } = useTranslation()
  const { from, to } = value.ages
  return (
    <div className={styles.parts}>
      <Chips
        label={t('person.meetLabel')}
        chips={genders.map((key) => ({ value: key, label: t(`person.meet.${key}`) }))}
        values={known(genders, value.meet)}
        onChange={(meet: (typeof genders)[number][]) => onChange({ ...value, meet })}
      />
      <Range
        label={t('person.ages')}
        names={{ from: t('person.agesFrom'), to: t('person.agesTo') }}
        least={YOUNGEST}
        most={OLDEST}
        from={from}
        to={to}
        text={agesInWords(value.ages)}
        onChange={(younger, older) => onChange({ ...value, ages: { from: younger, to: older } })}
      />
      <Chips
        label={t('person.intentLabel')}
        chips={intents.map((key) => ({ value: key, label: t(`person.intent.${key}`) }))}
        values={known(intents, value.intents)}
        onChange={(next: Intent[]) => onChange({ ...value, intents: next })}
      />
    </div>
  )
}
