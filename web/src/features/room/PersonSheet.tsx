import { useQuery } from '@tanstack/react-query'
import { Bot, CornerDownLeft, Play, RotateCcw, Square, UserX } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { answer, api, type Member, type Problem } from '../../api'
import { apart, languageInWords, useTranslation } from '../../i18n'
import { knownInterest } from '../../i18n/interests'
import { useProblemText } from '../../i18n/problem'
import { Aura, Button, Icon, Sheet, Skeleton, toast } from '../../ui'
import { level } from '../../voice/levels'
import { session } from '../../voice/session'
import { hear } from './hear'
import styles from './PersonSheet.module.css'

/** Who this is: their aura, what they like, their intro; for the host, what a host may do. */
export function PersonSheet({
  open,
  onOpenChange,
  member,
  you,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  /** Undefined once they have left: the sheet closes by itself. */
  member: Member | undefined
  you: Member
}) {
  useEffect(() => {
    if (open && !member) onOpenChange(false)
  }, [open, member, onOpenChange])

  if (!member) return null
  return <Known open={open} onOpenChange={onOpenChange} member={member} you={you} />
}

function Known({
  open,
  onOpenChange,
  member,
  you,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  member: Member
  you: Member
}) {
  const { t } = useTranslation()
  const { person } = member
  const intro = useRef<(() => number) | undefined>(undefined)
  const place =
    member.role === 'host'
      ? t('room.card.host')
      : member.seat !== undefined
        ? t('room.card.onSeat', { seat: member.seat })
        : t('room.card.inAudience')
  return (
    <Sheet open={open} onOpenChange={onOpenChange} title={<bdi>{person.name}</bdi>} lead={place}>
      <div className={styles.aura}>
        <Aura
          person={person}
          size={260}
          level={() => Math.max(level(person.id), intro.current?.() ?? 0)}
        />
      </div>
      {person.resident && (
        <p className={styles.resident}>
          <Icon of={Bot} size={20} />
          {t('room.card.resident')}
        </p>
      )}
      <About
        id={person.id}
        onHeard={(heard) => {
          intro.current = heard
        }}
      />
      {you.role === 'host' && member.person.id !== you.person.id && (
        <HostTools member={member} onDone={() => onOpenChange(false)} />
      )}
    </Sheet>
  )
}

type Heard = (level: (() => number) | undefined) => void

function About({ id, onHeard }: { id: string; onHeard: Heard }) {
  const { t } = useTranslation()
  const card = useQuery({
    queryKey: ['person', id],
    queryFn: () => answer(api.GET('/api/people/{person}', { params: { path: { person: id } } })),
  })

  if (card.isPending) {
    return (
      <div className={styles.about} aria-busy="true">
        <Skeleton width="45%" height="1rem" />
        <Skeleton width="80%" height="2.25rem" />
      </div>
    )
  }
  if (card.isError) {
    return (
      <div className={styles.about}>
        <p>{t('room.card.failed')}</p>
        <Button look="quiet" onClick={() => void card.refetch()}>
          {t('common.retry')}
        </Button>
      </div>
    )
  }
  const { interests, intro, language } = card.data
  return (
    <div className={styles.about}>
      <p className={styles.speaks}>
        {t('room.card.speaks', { language: languageInWords(language) })}
      </p>
      {interests.length > 0 && (
        <ul className={styles.interests} aria-label={t('room.card.interests')}>
          {interests.map((interest) => (
            <Interest key={interest} of={interest} />
          ))}
        </ul>
      )}
      {intro ? (
        <Intro url={intro.url} ms={intro.ms} onHeard={onHeard} />
      ) : (
        <p className={styles.speaks}>{t('room.card.noIntro')}</p>
      )}
    </div>
  )
}

function Interest({ of }: { of: string }) {
  const { t } = useTranslation()
  const known = knownInterest(of)
  return <li>{known ? t(known) : of}</li>
}

/** The voice intro, heard only here. */
function Intro({ url, ms, onHeard }: { url: string; ms: number; onHeard: Heard }) {
  const { t } = useTranslation()
  const audio = useRef<HTMLAudioElement>(null)
  const hooked = useRef(false)
  const [playing, setPlaying] = useState(false)
  const [done, setDone] = useState(0)
  const seconds = Math.max(1, Math.round(ms / 1000))

  async function press() {
    const element = audio.current
    if (!element) return
    if (playing) {
      element.pause()
      element.currentTime = 0
      return
    }
    try {
      if (!hooked.current) {
        const heard = await hear(element)
        hooked.current = heard !== undefined
        onHeard(heard)
      }
      await element.play()
    } catch {
      toast({ text: t('room.card.introFailed') })
    }
  }

  return (
    <button type="button" className={styles.intro} onClick={() => void press()}>
      {/* biome-ignore lint/a11y/useMediaCaption: a few words of a person, nobody has written them down */}
      <audio
        ref={audio}
        src={url}
        preload="none"
        onPlay={() => setPlaying(true)}
        onPause={() => {
          setPlaying(false)
          setDone(0)
        }}
        onTimeUpdate={(event) => setDone(event.currentTarget.currentTime / seconds)}
      />
      <span className={styles.done} style={{ scale: `${playing ? Math.min(1, done) : 0} 1` }} />
      <Icon of={playing ? Square : Play} size={20} />
      <span>{playing ? t('room.card.stop') : t('room.card.play')}</span>
      <span className="numbers">
        {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, '0')}
      </span>
    </button>
  )
}

function HostTools({ member, onDone }: { member: Member; onDone(): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const { id } = member.person
  const name = apart(member.person.name)

  async function run(
    command: Promise<Problem | undefined>,
    said: 'movedBack' | 'letSit' | 'removed',
  ) {
    setBusy(true)
    const problem = await command
    setBusy(false)
    toast({
      text: problem
        ? t('room.refused', { reason: say(problem) })
        : t(`room.card.done.${said}`, { name }),
    })
    if (!problem) onDone()
  }

  if (asking) {
    return (
      <section className={styles.tools} aria-label={t('room.card.hostTools')}>
        <h3>{t('room.card.removeTitle', { name })}</h3>
        <p>{t('room.card.removeLead')}</p>
        <div className={styles.ask}>
          <Button look="danger" busy={busy} onClick={() => void run(session.remove(id), 'removed')}>
            {t('room.card.removeGo')}
          </Button>
          <Button look="quiet" onClick={() => setAsking(false)}>
            {t('common.cancel')}
          </Button>
        </div>
      </section>
    )
  }
  return (
    <section className={styles.tools} aria-label={t('room.card.hostTools')}>
      {member.seat !== undefined && (
        <Button
          look="quiet"
          full
          icon={CornerDownLeft}
          busy={busy}
          onClick={() => void run(session.moveBack(id), 'movedBack')}
        >
          {t('room.card.moveBack')}
        </Button>
      )}
      {!member.may_sit && (
        <Button
          look="quiet"
          full
          icon={RotateCcw}
          busy={busy}
          onClick={() => void run(session.letSit(id), 'letSit')}
        >
          {t('room.card.letSit')}
        </Button>
      )}
      <Button
        look="quiet"
        full
        icon={UserX}
        className={styles.grave}
        onClick={() => setAsking(true)}
      >
        {t('room.card.remove')}
      </Button>
    </section>
  )
}
