import { Link } from '@tanstack/react-router'
import { Images } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { answer, api, type Match, me, Problem } from '../../api'
import { inOneLine, isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { matches } from '../../realtime/matches'
import { announce, Button, buttonClass, Trouble, useStore } from '../../ui'
import styles from './Chats.module.css'
import { revealState } from './opening'
import { Photos } from './Photos'

/** Photos open for both in the same moment, or not at all. */
export function Reveal({ match }: { match: Match }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const who = useStore(me)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const state = revealState(match.reveal)
  const name = isolate(match.person.name)
  const mine = who.status === 'in' ? who.me.photos.length : 0

  const before = useRef(state)
  useEffect(() => {
    if (before.current !== state && state === 'open') announce(t('chats.reveal.opened'))
    before.current = state
  }, [state, t])

  async function run(offer: boolean) {
    setBusy(true)
    setProblem(undefined)
    const about = { params: { path: { person: match.person.id } } }
    try {
      matches.put(
        await answer(
          offer
            ? api.PUT('/api/matches/{person}/reveal', about)
            : api.DELETE('/api/matches/{person}/reveal', about),
        ),
      )
    } catch (thrown) {
      setProblem(Problem.of(thrown))
    } finally {
      setBusy(false)
    }
  }

  const offer = (words: string) =>
    mine === 0 ? (
      <>
        <p>{t('chats.reveal.none')}</p>
        <Link to="/me" className={buttonClass({ look: 'primary' })}>
          {t('chats.reveal.add')}
        </Link>
      </>
    ) : (
      <Button
        look="primary"
        data-primary={undefined}
        icon={Images}
        busy={busy}
        onClick={() => void run(true)}
      >
        {words}
      </Button>
    )
  const back = (words: string) => (
    <Button busy={busy} onClick={() => void run(false)}>
      {words}
    </Button>
  )

  return (
    <section className={styles.reveal} aria-labelledby="photos">
      <h2 id="photos">{t('chats.reveal.title')}</h2>
      {state === 'none' && (
        <>
          <p>{t('chats.reveal.what')}</p>
          {offer(t('chats.reveal.offer'))}
        </>
      )}
      {state === 'theirs' && (
        <>
          <p>{t('chats.reveal.theirs', { name })}</p>
          {offer(t('chats.reveal.open'))}
        </>
      )}
      {state === 'mine' && (
        <>
          <p>{t('chats.reveal.waiting', { name })}</p>
          {back(t('chats.reveal.withdraw'))}
        </>
      )}
      {state === 'open' && (
        <>
          <Photos
            photos={match.reveal.photos}
            name={name}
            openedAt={match.reveal.opened_at ?? 0}
            onLost={() => void matches.refresh()}
          />
          <p>{inOneLine([t('chats.reveal.seen', { name }), t('chats.reveal.closeLead')])}</p>
          {back(t('chats.reveal.close'))}
        </>
      )}
      <Trouble>{problem && say(problem)}</Trouble>
    </section>
  )
}
