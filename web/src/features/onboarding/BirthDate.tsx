import { type ReactNode, useId } from 'react'
import { language, locale, useTranslation } from '../../i18n'
import { Select, TextField } from '../../ui'
import { type BirthParts, monthNames, type Part, partOrder } from './birth'
import styles from './Onboarding.module.css'

/** Three plain fields: quicker than any calendar for a day decades ago, and the same in every browser. */
export function BirthDate({
  value,
  error,
  onChange,
}: {
  value: BirthParts
  error: string | undefined
  onChange(value: BirthParts): void
}) {
  const { t } = useTranslation()
  const id = useId()
  const tag = language()
  const change = (part: Part) => (event: { target: { value: string } }) =>
    onChange({ ...value, [part]: event.target.value })

  const fields: Record<Part, ReactNode> = {
    day: (
      <TextField
        key="day"
        label={t('onboarding.birth.day')}
        name="bday-day"
        autoComplete="bday-day"
        inputMode="numeric"
        maxLength={4} // UTF-16: there are digits of two
        value={value.day}
        onChange={change('day')}
      />
    ),
    month: (
      <Select
        key="month"
        label={t('onboarding.birth.month')}
        name="bday-month"
        autoComplete="bday-month"
        options={[
          { value: '', label: '–' },
          ...monthNames(tag).map((name, i) => ({ value: String(i + 1), label: name })),
        ]}
        value={value.month}
        onChange={change('month')}
      />
    ),
    year: (
      <TextField
        key="year"
        label={t('onboarding.birth.year')}
        name="bday-year"
        autoComplete="bday-year"
        inputMode="numeric"
        maxLength={8}
        value={value.year}
        onChange={change('year')}
      />
    ),
  }

  return (
    <fieldset className={styles.birth} aria-describedby={error ? `${id}-error` : `${id}-hint`}>
      <legend>{t('onboarding.birth.label')}</legend>
      <div className={styles.parts}>
        {partOrder(locale()).map((part) => (
          <div key={part} className={styles[part]}>
            {fields[part]}
          </div>
        ))}
      </div>
      {!error && (
        <p id={`${id}-hint`} className={styles.hint}>
          {t('onboarding.birth.hint')}
        </p>
      )}
      <p id={`${id}-error`} role="alert" className={styles.wrong}>
        {error}
      </p>
    </fieldset>
  )
}
