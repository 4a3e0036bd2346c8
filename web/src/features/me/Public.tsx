import { useState } from 'react'
import type { Me } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Switch, Trouble } from '../../ui'
import styles from './Me.module.css'
import { useEdit } from './useEdit'

/** What people without an account see of somebody on the stage of a public room. */
export function Public({ me }: { me: Me }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const edit = useEdit()
  /** Shown at once; taken back if it did not arrive. */
  const [wish, setWish] = useState<boolean>()

  async function choose(on: boolean) {
    setWish(on)
    await edit.save({ public: on })
    setWish(undefined)
  }

  return (
    <section className={styles.section} aria-labelledby="public">
      <h2 id="public">{t('me.public.title')}</h2>
      <ul className={styles.group}>
        <li>
          <Switch
            label={t('me.public.label')}
            hint={t('me.public.hint')}
            on={wish ?? me.public}
            busy={edit.busy}
            onChange={(on) => void choose(on)}
          />
        </li>
      </ul>
      <Trouble>{edit.problem && say(edit.problem)}</Trouble>
    </section>
  )
}
