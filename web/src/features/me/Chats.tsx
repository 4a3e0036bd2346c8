import { useState } from 'react'
import { answer, api, type Me } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { clockTime, dayTitle } from '../../i18n/times'
import { chatLimits, limits } from '../../i18n/vocabulary.gen'
import { Select, Switch, Trouble } from '../../ui'
import styles from './Me.module.css'
import { useEdit } from './useEdit'

/** What a person chose for their chats. */
type Choice = Pick<Me, 'read_marks' | 'requests' | 'chat_limit'>

/** Who may write, how many chats there are at a time, and what others see of one's reading. */
export function Chats({ me }: { me: Me }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const edit = useEdit()
  /** Shown at once; taken back if it did not arrive. */
  const [wish, setWish] = useState<Partial<Choice>>({})
  const now: Choice = { ...me, ...wish }
  const when = (at: number) => `${dayTitle(at, Date.now())}, ${clockTime(at)}`
  async function choose(change: Partial<Choice>) {
    setWish(change)
    await edit.run(() => save({ ...now, ...change }, 'read_marks' in change))
    setWish({})
  }
  return (
    <section className={styles.section} aria-labelledby="chats">
      <h2 id="chats">{t('nav.chats')}</h2>
      <ul className={styles.group}>
        <li>
          <Switch
            label={t('me.readMarks.label')}
            hint={
              me.read_marks_from !== undefined && now.read_marks
                ? t('me.readMarks.from', { time: when(me.read_marks_from) })
                : t('me.readMarks.hint')
            }
            on={now.read_marks}
            busy={edit.busy}
            onChange={(read_marks) => void choose({ read_marks })}
          />
        </li>
        <li>
          <Switch
            label={t('me.requests.label')}
            hint={t('me.requests.hint')}
            on={now.requests}
            busy={edit.busy}
            onChange={(requests) => void choose({ requests })}
          />
        </li>
      </ul>
      <Select
        label={t('me.chatLimit.label')}
        hint={t('me.chatLimit.hint', { days: limits.openDays })}
        value={String(now.chat_limit)}
        options={chatLimits.map((n) => ({
          value: String(n),
          label: n === 0 ? t('me.chatLimit.none') : t('me.chatLimit.some', { count: n }),
        }))}
        onChange={(event) => void choose({ chat_limit: Number(event.target.value) })}
      />
      <Trouble>{edit.problem && say(edit.problem)}</Trouble>
    </section>
  )
}

const save = ({ read_marks, requests, chat_limit }: Choice, marks: boolean) =>
  answer(
    marks
      ? api.PUT('/api/me/read-marks', { body: { shown: read_marks } })
      : api.PUT('/api/me/chats', { body: { requests, limit: chat_limit } }),
  )
