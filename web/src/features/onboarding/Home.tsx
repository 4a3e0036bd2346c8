import { useState } from 'react'
import { answer, api, type Town } from '../../api'
import { useTranslation } from '../../i18n'
import { TownPicker } from '../../people/TownPicker'
import type { Asked } from './Step'
import { Step } from './Step'
import { useSave } from './useSave'

export function Home({ way, onAnswer }: Asked) {
  const { t } = useTranslation()
  const { busy, error, setError, save } = useSave()
  const [town, setTown] = useState<Town>()

  return (
    <Step
      way={way}
      long
      title={t('onboarding.home.title')}
      lead={t('person.town.coarse')}
      error={error}
      busy={busy}
      onContinue={() =>
        town
          ? void save(() => answer(api.PUT('/api/me/home', { body: { town: town.id } })), onAnswer)
          : setError(t('onboarding.home.missing'))
      }
    >
      <TownPicker
        chosen={town}
        onChoose={(next) => {
          setTown(next)
          setError(undefined)
        }}
      />
    </Step>
  )
}
