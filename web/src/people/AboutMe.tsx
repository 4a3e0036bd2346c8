import { useState } from 'react'
import type { Gender } from '../api'
import { useTranslation } from '../i18n'
import { limits } from '../i18n/vocabulary.gen'
import { Chips, TextField } from '../ui'
import { genders } from './lists'
import styles from './people.module.css'

const presets = ['she', 'he', 'they'] as const
type Preset = (typeof presets)[number] | 'own'

export type Self = { gender: Gender; pronouns: string }

/** Gender, and the words to speak of somebody by. */
export function AboutMe({
  value,
  error,
  onChange,
}: {
  value: Self
  /** About the pronouns. */
  error?: string
  onChange(value: Self): void
}) {
  const { t } = useTranslation()
  const words = (key: Preset) => (key === 'own' ? '' : t(`person.pronouns.${key}`))
  const known = presets.find((key) => words(key) === value.pronouns)
  const [own, setOwn] = useState(value.pronouns !== '' && !known)
  const chosen: Preset | undefined = own ? 'own' : known

  return (
    <div className={styles.parts}>
      <Chips
        label={t('person.genderLabel')}
        chips={genders.map((key) => ({ value: key, label: t(`person.gender.${key}`) }))}
        value={genders.find((key) => key === value.gender)}
        onChange={(gender: (typeof genders)[number]) => onChange({ ...value, gender })}
      />
      <Chips<Preset>
        label={t('person.pronounsLabel')}
        chips={[...presets, 'own' as const].map((key) => ({
          value: key,
          label: t(`person.pronouns.${key}`),
        }))}
        value={chosen}
        onChange={(key: Preset) => {
          setOwn(key === 'own')
          onChange({ ...value, pronouns: words(key) })
        }}
      />
      {own && (
        <TextField
          label={t('person.ownPronouns')}
          error={error}
          maxLength={limits.pronounsMost}
          value={value.pronouns}
          onChange={(event) => onChange({ ...value, pronouns: event.target.value })}
        />
      )}
    </div>
  )
}
