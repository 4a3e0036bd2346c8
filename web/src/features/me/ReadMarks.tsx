import { useState } from 'react'
import { api, type Me } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Switch, Trouble } from '../../ui'
import styles from './Me.module.css'
import { useEdit } from './useEdit'

/** What others see of one's reading: both see it, or neither. */
export function ReadMarks({ me }: { me: Me }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const edit = useEdit()
  /** Shown at once; taken back if it did not arrive. */
  const [wish, setWish] = useState<boolean>()
  async function show(shown: boolean) {
    setWish(shown)
    await edit.run(async () => {
      const { data } = await api.PUT('/api/me/read-marks', { body: { shown } })
      return data ?? { ...me, read_marks: shown }
    })
    setWish(undefined)
  }
  return (
    <section className={styles.section} aria-labelledby="chats">
      <h2 id="chats">{t('nav.chats')}</h2>
      <ul className={styles.group}>
        <li>
          <Switch
            label={t('me.readMarks.label')}
            hint={t('me.readMarks.hint')}
            on={wish ?? me.read_marks}
            busy={edit.busy}
            onChange={(shown) => void show(shown)}
          />
        </li>
      </ul>
      <Trouble>{edit.problem && say(edit.problem)}</Trouble>
    </section>
  )
}
