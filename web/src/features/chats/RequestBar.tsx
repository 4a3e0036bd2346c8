import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { acceptChat, endChat, forgetChat, useWords } from '../../people'
import { Button, Trouble, toast } from '../../ui'
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

function Theirs({ partner: { person } }: { partner: Partner }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const navigate = useNavigate()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const name = isolate(person.name)

  async function run(command: () => Promise<void>): Promise<boolean> {
    setBusy(true)
    setProblem(undefined)
    try {
      await command()
      return true
    } catch (thrown) {
      const refused = Problem.of(thrown)
      if (refused.status === 404) return true // taken back, or answered on another device
      setProblem(refused)
      setBusy(false)
      return false
    }
  }
  async function decline() {
    if (!(await run(() => endChat(person.id)))) return
    forgetChat(person.id)
    toast({ text: t('chats.request.declined', { name }) })
    void navigate({ to: '/chats' })
  }
  return (
    <section className={styles.bar} aria-labelledby="request">
      <h2 id="request">{t('chats.request.theirs', { name })}</h2>
      <p>{t('chats.request.theirsText', { name })}</p>
      <Trouble>{problem && say(problem)}</Trouble>
      <div className={styles.ways}>
        <Button full aria-disabled={busy || undefined} onClick={() => void decline()}>
          {t('chats.request.decline')}
        </Button>
        <Button
          look="primary"
          data-primary=""
          full
          busy={busy}
          onClick={() => void run(() => acceptChat(person.id))}
        >
          {t('chats.request.accept')}
        </Button>
      </div>
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
