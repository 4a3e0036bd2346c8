import { useState } from 'react'
import { answer, api } from '../../api'
import { useTranslation } from '../../i18n'
import { LanguagePicker } from '../../people/LanguagePicker'
import type { Asked } from './Step'
import { Step } from './Step'
import { useSave } from './useSave'

export function Languages({ me, way, onAnswer }: Asked) {
  const { t } = useTranslation()
  const { busy, error, setError, save } = useSave()
  const [languages, setLanguages] = useState<string[]>(me.languages)

  return (
    <Step
      way={way}
      long
      title={t('onboarding.languages.title')}
      lead={t('onboarding.languages.lead')}
      error={error}
      busy={busy}
      onContinue={() =>
        languages.length === 0
          ? setError(t('onboarding.languages.missing'))
          : void save(() => answer(api.PATCH('/api/me', { body: { languages } })), onAnswer)
      }
    >
      <LanguagePicker
        values={languages}
        onChange={(next) => {
          setLanguages(next)
          setError(undefined)
        }}
      />
    </Step>
  )
}
