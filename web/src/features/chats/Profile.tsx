import { HeartOff } from 'lucide-react'
import { useState } from 'react'
import { api, type Match, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { About, ClipChip, Facts, moodOf, Portrait, Resident } from '../../people'
import { chats } from '../../realtime/chats'
import { matches } from '../../realtime/matches'
import { outgoing } from '../../realtime/outgoing'
import { Button, Sheet, Trouble, toast } from '../../ui'
import { player } from '../../voice/player'
import styles from './Chats.module.css'
import { revealState } from './opening'
import { Reveal } from './Reveal'

/** A recording's address is good for a while; then the match is read again. */
export const renewOf = (person: string) => async (place: number) => {
  await matches.refresh()
  const now = matches.get().matches.find((m) => m.person.id === person)
  return now?.person.clips.find((clip) => clip.place === place)?.url
}

/** Who the other is: voice, words, photos, and the way out. */
export function Profile({ match, onEnded }: { match: Match; onEnded(): void }) {
  const { t } = useTranslation()
  const { person } = match
  const [ending, setEnding] = useState(false)
  const more = person.clips.filter((clip) => clip.place > 0)
  const renew = renewOf(person.id)
  // What waits for an answer comes first.
  const asked = revealState(match.reveal) !== 'none'
  return (
    <div className={styles.profile} {...moodOf(person)}>
      <div className={styles.light}>
        <Portrait person={person} size={240} renew={renew} stays />
      </div>
      <Facts person={person} region={match.region} />
      {person.resident && <Resident />}
      {asked && <Reveal match={match} />}
      {more.length > 0 && (
        <ul className={styles.clips} aria-label={t('people.moreClips')}>
          {more.map((clip) => (
            <li key={clip.place}>
              <ClipChip clip={clip} renew={renew} of={person} />
            </li>
          ))}
        </ul>
      )}
      <About person={person} intents={match.intents} />
      {!asked && <Reveal match={match} />}
      <Button look="plain" icon={HeartOff} className={styles.end} onClick={() => setEnding(true)}>
        {t('chats.end.open')}
      </Button>
      <End match={match} open={ending} onOpenChange={setEnding} onEnded={onEnded} />
    </div>
  )
}

/** Asks once: it cannot be taken back. */
function End({
  match,
  open,
  onOpenChange,
  onEnded,
}: {
  match: Match
  open: boolean
  onOpenChange(open: boolean): void
  onEnded(): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const name = isolate(match.person.name)

  async function go() {
    setBusy(true)
    setProblem(undefined)
    try {
      await api.DELETE('/api/matches/{person}', { params: { path: { person: match.person.id } } })
    } catch (thrown) {
      const refused = Problem.of(thrown)
      // Ended already, from the other side: what we asked for.
      if (refused.status !== 404) {
        setProblem(refused)
        setBusy(false)
        return
      }
    }
    onOpenChange(false)
    onEnded()
    matches.drop(match.person.id)
    chats.drop(match.person.id)
    outgoing.forget(match.person.id)
    player.drop(match.person.id)
    toast({ text: t('chats.end.done') })
  }

  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      alert
      title={t('chats.end.title', { name })}
      lead={t('chats.end.lead', { name })}
      actions={
        <>
          <Trouble>{problem && say(problem)}</Trouble>
          <Button look="danger" large full busy={busy} onClick={() => void go()}>
            {t('chats.end.go')}
          </Button>
          <Button large full onClick={() => onOpenChange(false)}>
            {t('chats.end.stay')}
          </Button>
        </>
      }
    />
  )
}
