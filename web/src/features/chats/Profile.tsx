import { HeartOff, X } from 'lucide-react'
import { useState } from 'react'
import { answer, api, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import {
  About,
  CardButton,
  ClipChip,
  endChat,
  Facts,
  FollowButton,
  forgetChat,
  moodOf,
  Portrait,
  Resident,
} from '../../people'
import { bonds } from '../../realtime/bonds'
import { Button, Sheet, Trouble, toast } from '../../ui'
import styles from './Chats.module.css'
import { revealState } from './opening'
import { Reveal } from './Reveal'
import type { Partner } from './WithPartner'

/** A recording's address is good for a while; then the card is read again. */
export const renewOf = (person: string) => async (place: number) => {
  const { clips } = await answer(api.GET('/api/people/{person}', { params: { path: { person } } }))
  return clips.find((clip) => clip.place === place)?.url
}

/** Who the other is: voice, words, photos, and the way out. */
export function Profile({ partner, onEnded }: { partner: Partner; onEnded(): void }) {
  const { t } = useTranslation()
  const { person, match, chat } = partner
  const [ending, setEnding] = useState(false)
  const more = person.clips.filter((clip) => clip.place > 0)
  const renew = renewOf(person.id)
  // What waits for an answer comes first.
  const asked = match !== undefined && revealState(match.reveal) !== 'none'
  return (
    <div className={styles.profile} {...moodOf(person)}>
      <div className={styles.light}>
        <Portrait person={person} size={240} renew={renew} stays />
      </div>
      <Facts person={person} {...(match?.region ? { region: match.region } : {})} />
      <FollowButton person={person} />
      {person.resident && <Resident />}
      {match && asked && <Reveal match={match} />}
      {more.length > 0 && (
        <ul className={styles.clips} aria-label={t('people.moreClips')}>
          {more.map((clip) => (
            <li key={clip.place}>
              <ClipChip clip={clip} renew={renew} of={person} />
            </li>
          ))}
        </ul>
      )}
      <About person={person} intents={match?.intents ?? []} />
      <CardButton person={person} />
      {match && !asked && <Reveal match={match} />}
      <Button
        look="plain"
        icon={match ? HeartOff : X}
        className={styles.end}
        onClick={() => setEnding(true)}
      >
        {t(match ? 'chats.end.open' : wayOut(chat))}
      </Button>
      <End partner={partner} open={ending} onOpenChange={setEnding} onEnded={onEnded} />
    </div>
  )
}

/** What ends a chat without a match. */
function wayOut(chat: Partner['chat']) {
  if (chat?.asked === 'mine') return 'chats.request.withdraw'
  return chat?.asked === 'theirs' ? 'chats.request.decline' : 'chats.request.end'
}

/** What is said when a conversation ends, by what it is. */
function useEnd({ person, match, chat }: Partner) {
  const { t } = useTranslation()
  const name = isolate(person.name)
  if (match) {
    return {
      title: t('chats.end.title', { name }),
      lead: t('chats.end.lead', { name }),
      go: t('chats.end.go'),
      stay: t('chats.end.stay'),
      done: t('chats.end.done'),
    }
  }
  if (chat?.asked === 'mine') {
    return {
      title: t('chats.request.withdrawTitle', { name }),
      lead: t('chats.request.withdrawLead', { name }),
      go: t('chats.request.withdrawGo'),
      stay: t('common.cancel'),
      done: t('chats.request.withdrawn'),
    }
  }
  if (chat?.asked === 'theirs') {
    return {
      title: t('chats.request.declineTitle', { name }),
      lead: t('chats.request.declineLead', { name }),
      go: t('chats.request.decline'),
      stay: t('common.cancel'),
      done: t('chats.request.declined', { name }),
    }
  }
  return {
    title: t('chats.request.endTitle', { name }),
    lead: t('chats.request.endLead', { name }),
    go: t('chats.request.endGo'),
    stay: t('common.cancel'),
    done: t('chats.request.endDone'),
  }
}

/** Asks once: it cannot be taken back. */
export function End({
  partner,
  open,
  onOpenChange,
  onEnded,
}: {
  partner: Partner
  open: boolean
  onOpenChange(open: boolean): void
  onEnded(): void
}) {
  const say = useProblemText()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const words = useEnd(partner)
  const { id } = partner.person

  async function go() {
    setBusy(true)
    setProblem(undefined)
    try {
      await endChat(id)
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
    forgetChat(id)
    if (partner.match) bonds.drop(id)
    toast({ text: words.done })
  }

  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      alert
      title={words.title}
      lead={words.lead}
      actions={
        <>
          <Trouble>{problem && say(problem)}</Trouble>
          <Button look="danger" large full busy={busy} onClick={() => void go()}>
            {words.go}
          </Button>
          <Button large full onClick={() => onOpenChange(false)}>
            {words.stay}
          </Button>
        </>
      }
    />
  )
}
