import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { acceptChat, useWords } from '../../people'
import { Button, Trouble } from '../../ui'
import { End } from './Profile'
import styles from './RequestBar.module.css'
import type { Partner } from './WithPartner'

/** Below a request: who waits for whom, and what can be done about it. */
export function RequestBar({ partner }: { partner: Partner }) {
  return partner.chat?.asked === 'theirs' ? (
    <Theirs partner={partner} />
  ) : (
    <Mine partner={partner} />
  )
}

function Theirs({ partner }: { partner: Partner }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const navigate = useNavigate()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const [declining, setDeclining] = useState(false)
  const { person } = partner
  const name = isolate(person.name)

  async function accept() {
    setBusy(true)
    setProblem(undefined)
    try {
      await acceptChat(person.id)
    } catch (thrown) {
      const refused = Problem.of(thrown)
      if (refused.status === 404) return // taken back, or answered on another device
      setProblem(refused)
      setBusy(false)
    }
  }
  return (
    <section className={styles.bar} aria-labelledby="request">
      <h2 id="request">{t('chats.request.theirs', { name })}</h2>
      <p>{t('chats.request.theirsText', { name })}</p>
      <Trouble>{problem && say(problem)}</Trouble>
      <div className={styles.ways}>
        <Button full aria-disabled={busy || undefined} onClick={() => setDeclining(true)}>
          {t('chats.request.decline')}
        </Button>
        <Button look="primary" data-primary="" full busy={busy} onClick={() => void accept()}>
          {t('chats.request.accept')}
        </Button>
      </div>
      <End
        partner={partner}
        open={declining}
        onOpenChange={setDeclining}
        onEnded={() => void navigate({ to: '/chats' })}
      />
    </section>
  )
}

function Mine({ partner }: { partner: Partner }) {
  const { t } = useTranslation()
  const words = useWords()
  const navigate = useNavigate()
  const [ending, setEnding] = useState(false)
  const { person, chat } = partner
  return (
    <section className={styles.bar} aria-labelledby="request">
      <h2 id="request">{t('chats.request.mine', { name: isolate(person.name) })}</h2>
      {chat?.until !== undefined && (
        <p>{t('chats.request.mineText', { day: words.day(chat.until) })}</p>
      )}
      <Button full onClick={() => setEnding(true)}>
        {t('chats.request.withdraw')}
      </Button>
      <End
        partner={partner}
        open={ending}
        onOpenChange={setEnding}
        onEnded={() => void navigate({ to: '/chats' })}
      />
    </section>
  )
}
