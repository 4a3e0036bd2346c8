import { useNavigate } from '@tanstack/react-router'
import { MessageCircle } from 'lucide-react'
import { useState } from 'react'
import { type PersonCard, Problem } from '../api'
import { isolate, useTranslation } from '../i18n'
import { useProblemText } from '../i18n/problem'
import { Button, Trouble } from '../ui'
import { beginChat } from './chatWith'
import styles from './people.module.css'

/** The way to a chat with somebody, if there is one: to the one there is, to a new one, or to a request. */
export function WriteButton({ person }: { person: PersonCard }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const navigate = useNavigate()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const name = isolate(person.name)
  if (!person.chat) return null

  async function write() {
    setBusy(true)
    setProblem(undefined)
    try {
      if (person.chat !== 'there') await beginChat(person.id)
      void navigate({ to: '/chats/$person', params: { person: person.id } })
    } catch (thrown) {
      setProblem(Problem.of(thrown))
      setBusy(false)
    }
  }
  return (
    <div className={styles.write}>
      <Button full icon={MessageCircle} busy={busy} onClick={() => void write()}>
        {t('chats.request.offer', { name })}
      </Button>
      {person.chat === 'request' && <p>{t('chats.request.offerHint', { name })}</p>}
      <Trouble>{problem && say(problem)}</Trouble>
    </div>
  )
}
