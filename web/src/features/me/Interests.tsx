import { useState } from 'react'
import { useTranslation } from '../../i18n'
import { type Interest, interestName, knownInterest } from '../../i18n/interests'
import { InterestPicker } from '../../people/InterestPicker'
import { Button, Sheet } from '../../ui'
import styles from './Me.module.css'

const MOST = 20
const isInterest = (key: string): key is Interest => knownInterest(key) !== undefined

/** What this person likes, in one line; choosing happens in a sheet, for the list is long. */
export function Interests({
  mine,
  save,
}: {
  mine: readonly string[]
  save(interests: string[]): Promise<boolean>
}) {
  const { t, i18n } = useTranslation()
  const [open, setOpen] = useState(false)
  const [chosen, setChosen] = useState<Interest[]>([])
  const [busy, setBusy] = useState(false)

  const names = mine.filter(isInterest).map((key) => t(interestName(key)))
  const list = new Intl.ListFormat(i18n.language, { type: 'conjunction' }).format(names)

  return (
    <div className={styles.likes}>
      <div>
        <h3>{t('me.profile.interests')}</h3>
        <p className={styles.note}>{list || t('me.profile.noInterests')}</p>
      </div>
      <Button
        onClick={() => {
          setChosen(mine.filter(isInterest))
          setOpen(true)
        }}
      >
        {t('me.profile.choose')}
      </Button>
      <Sheet
        open={open}
        onOpenChange={setOpen}
        title={t('me.profile.interests')}
        lead={t('me.profile.count', { count: chosen.length, most: MOST })}
        actions={
          <Button
            look="primary"
            large
            full
            busy={busy}
            onClick={async () => {
              setBusy(true)
              if (await save(chosen)) setOpen(false)
              setBusy(false)
            }}
          >
            {t('common.save')}
          </Button>
        }
      >
        <InterestPicker values={chosen} onChange={setChosen} />
      </Sheet>
    </div>
  )
}
