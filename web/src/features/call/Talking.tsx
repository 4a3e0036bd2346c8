import { ChevronDown, MicOff, PhoneOff, Plus, SlidersHorizontal } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Call, Me } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { moodOf, onBlocked, SafetyMenu } from '../../people'
import { Aura, Icon, IconButton, MicButton, toast, useDesk, useStore } from '../../ui'
import type { CallAudio } from '../../voice/call-state'
import { calls } from '../../voice/calls'
import { level } from '../../voice/levels'
import { Cards } from './Cards'
import { Notice } from './Notice'
import { Sound } from './Sound'
import styles from './Talking.module.css'
import { left, useNow } from './time'

/** Two voices, from the yes to the last second. */
export function Talking({ me, call, onMinimise }: { me: Me; call: Call; onMinimise(): void }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const { audio } = useStore(calls)
  const [sound, setSound] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  const { person } = call
  const name = isolate(person.name)
  const live = call.state === 'live'
  const size = desk ? 260 : 224

  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus()
  }, [])
  useEffect(() => onBlocked((id) => calls.part(id)), [])

  const title = live
    ? t('call.live.title', { name })
    : call.state === 'connecting'
      ? t('call.connecting.title', { name })
      : call.mine
        ? t('call.ring.out', { name })
        : t('call.waiting.title', { name })

  return (
    <div
      className={styles.talk}
      data-whole-screen=""
      data-state={call.state}
      {...moodOf(person)}
      data-testid="call"
    >
      <div className={styles.talkMain}>
        <header className={styles.talkHead}>
          <IconButton label={t('bar.minimise')} icon={ChevronDown} onClick={onMinimise} />
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          <IconButton
            label={t('call.sound.open')}
            icon={SlidersHorizontal}
            onClick={() => setSound(true)}
          />
          {person.id !== undefined && (
            <SafetyMenu person={{ id: person.id, name: person.name }} place={`call:${call.id}`} />
          )}
        </header>

        <div className={styles.pair} aria-hidden>
          <span className={styles.them} data-away={call.they_away || undefined}>
            <Aura person={person} size={size} level={() => level(call.id)} />
          </span>
          <span className={styles.mine}>
            <Aura person={me} size={Math.round(size * 0.72)} level={() => level(me.id)} />
          </span>
        </div>

        {live ? <Clock call={call} /> : <Before call={call} audio={audio} />}
        <Notice call={call} audio={audio} onSound={() => setSound(true)} />
        {live && <Cards keys={call.cards} />}
      </div>
      <Bar me={me} call={call} audio={audio} />
      {sound && <Sound onClose={() => setSound(false)} />}
    </div>
  )
}

/** The server's clock, running down. */
function Clock({ call }: { call: Call }) {
  const { t } = useTranslation()
  const { lastMinute } = useStore(calls)
  const now = useNow()
  return (
    <div className={styles.time}>
      <p
        className={`${styles.clock} numbers`}
        role="timer"
        aria-label={t('call.live.clock')}
        data-last={lastMinute || undefined}
      >
        {left(call.deadline_at ?? now, now)}
      </p>
      {call.they_muted && (
        <p className={styles.they}>
          <Icon of={MicOff} size={16} />
          <span>{t('call.live.theyMuted', { name: isolate(call.person.name) })}</span>
        </p>
      )}
    </div>
  )
}

function Before({ call, audio }: { call: Call; audio: CallAudio }) {
  const { t } = useTranslation()
  const name = isolate(call.person.name)
  const text =
    call.state === 'connecting'
      ? audio.heard
        ? t('call.connecting.theirs', { name })
        : t(call.kind === 'direct' ? 'call.ring.connecting' : 'call.connecting.text')
      : call.mine
        ? t('call.ring.outText')
        : t('call.waiting.text')
  return (
    <p className={styles.before} aria-live="polite">
      {text}
    </p>
  )
}

/** At thumb height: leave, the microphone, more time. */
function Bar({ me, call, audio }: { me: Me; call: Call; audio: CallAudio }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const live = call.state === 'live'

  async function more() {
    const problem = await calls.extend()
    if (problem) toast({ text: say(problem) })
  }
  return (
    <div className={styles.bar} role="toolbar" aria-label={t('bar.label')}>
      <button
        type="button"
        data-primary=""
        className={styles.side}
        onClick={() => void calls.leave()}
      >
        <Icon of={PhoneOff} />
        <span>{call.state === 'proposed' ? t('call.live.takeBack') : t('call.live.leave')}</span>
      </button>
      <Microphone me={me} audio={audio} />
      {live ? (
        <button
          type="button"
          className={styles.side}
          data-asked={call.extend_mine || undefined}
          data-wanted={(call.extend_theirs && !call.extend_mine) || undefined}
          aria-pressed={call.extend_mine}
          onClick={() => void more()}
        >
          <Icon of={Plus} />
          <span>{call.extend_mine ? t('call.live.moreAsked') : t('call.live.more')}</span>
          {!call.extend_mine && <span className="only-heard">{t('call.live.moreLong')}</span>}
        </button>
      ) : (
        <span />
      )}
    </div>
  )
}

function Microphone({ me, audio }: { me: Me; audio: CallAudio }) {
  const { t } = useTranslation()
  const { mic, connection } = audio
  const open = mic === 'open'
  const there = connection !== 'away' && connection !== 'elsewhere'
  const gone = mic === 'denied' || mic === 'missing' || mic === 'taken'
  const [word, label] =
    mic === 'muted'
      ? [t('mic.unmute'), t('mic.unmuteLong')]
      : gone
        ? [t('mic.none')]
        : open || !there
          ? [t('mic.mute'), t('mic.muteLong')]
          : [t('mic.waking')]
  return (
    <MicButton
      mic={gone ? 'refused' : open || mic === 'muted' ? mic : 'closed'}
      level={() => level(me.id)}
      label={label}
      word={word}
      works={(open || mic === 'muted') && there}
      onPress={() => void calls.setMuted(open)}
    />
  )
}
