import { ArrowLeft, ChevronUp, Square, Trash2 } from 'lucide-react'
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react'
import type { Person } from '../../api'
import { useTranslation } from '../../i18n'

import { outgoing } from '../../realtime/outgoing'
import type { Sound } from '../../realtime/queue'
import { Icon, IconButton, LiveWaveform, useFine, useStore } from '../../ui'
import { player } from '../../voice/player'
import type { VoiceNote } from '../../voice/voiceNote'
import { offerUndo } from './undo'
import styles from './VoiceDesk.module.css'
import { VoiceMessage } from './VoiceMessage'
import { draftRecording, makeRoom } from './voices'

const shownEveryMs = 100

function Clock({ note }: { note: VoiceNote }) {
  const text = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    const show = () => {
      const seconds = Math.floor(note.ms() / 1000)
      const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
      if (text.current) text.current.textContent = clock
    }
    show()
    const timer = setInterval(show, shownEveryMs)
    return () => clearInterval(timer)
  }, [note])
  return <span ref={text} className={`${styles.clock} numbers`} aria-hidden />
}

/** Where one goes on once a recording has ended, or is thrown away. */
function focusNext(desk: Element | null | undefined, fine: boolean) {
  const at = document.activeElement
  if (at && at !== document.body) return
  const ways = ['[data-draft] button[data-play]', 'textarea:not([readonly])', '[data-primary]']
  // On a phone the field would bring the keyboard with it.
  const [play, field, round] = ways.map((way) => desk?.querySelector<HTMLElement>(way))
  const next = play ?? (fine ? field : undefined) ?? round
  next?.focus()
}

/** Takes the focus on when what has it goes. */
function useFocusGoesOn(inside: RefObject<HTMLElement | null>) {
  const fine = useFine()
  useLayoutEffect(() => {
    const going = inside.current
    const desk = going?.closest('[data-voice-desk]')
    return () => {
      // What comes in its place is not there yet.
      if (going?.contains(document.activeElement)) setTimeout(() => focusNext(desk, fine))
    }
  }, [inside, fine])
}

/** What is being said, in place of the field. */
export function Recording({ note, held }: { note: VoiceNote; held: boolean }) {
  const { at } = useStore(note)
  return at === 'asking' ? <Asking /> : <Strip note={note} held={held} />
}

function Asking() {
  const { t } = useTranslation()
  return (
    <p className={styles.asking} role="status">
      {t('chats.voice.asking')}
    </p>
  )
}

function Strip({ note, held }: { note: VoiceNote; held: boolean }) {
  const { t } = useTranslation()
  const strip = useRef<HTMLDivElement>(null)
  useFocusGoesOn(strip)
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      const on = event.target instanceof Element ? event.target : undefined
      if (on?.closest('[role=dialog], [role=alertdialog]')) return
      // It ends the recording, not the page around it.
      event.preventDefault()
      event.stopImmediatePropagation()
      note.stop()
    }
    window.addEventListener('keydown', pressed, { capture: true })
    return () => window.removeEventListener('keydown', pressed, { capture: true })
  }, [note])
  return (
    <div ref={strip} className={styles.strip} data-held={held || undefined}>
      {!held && (
        <IconButton icon={Trash2} label={t('chats.voice.discard')} onClick={note.discard} />
      )}
      <Clock note={note} />
      {held ? (
        <span className={styles.slide} aria-hidden>
          <Icon of={ArrowLeft} size={20} />
          <span>{t('chats.voice.slide')}</span>
        </span>
      ) : (
        <span className={styles.wave}>
          <LiveWaveform bars={note.bars} />
        </span>
      )}
      {!held && (
        <IconButton
          icon={Square}
          label={t('chats.voice.stop')}
          aria-keyshortcuts="Escape"
          onClick={note.stop}
        />
      )}
      <p className="only-heard" role="status">
        {t('chats.voice.saidRecording')}
      </p>
    </div>
  )
}

/** Above the finger that holds the microphone. */
export function HoldHint() {
  const { t } = useTranslation()
  return (
    <span className={styles.lock} aria-hidden>
      <Icon of={ChevronUp} size={20} />
      <span>{t('chats.voice.lock')}</span>
    </span>
  )
}

/** What was said and not sent: to listen to, to put into words, to throw away. */
export function VoiceDraft({
  person,
  voice,
}: {
  person: Pick<Person, 'id' | 'name' | 'voice'>
  voice: Sound
}) {
  const { t } = useTranslation()
  const recording = draftRecording(person, voice)
  const draft = useRef<HTMLDivElement>(null)
  useFocusGoesOn(draft)
  return (
    <div ref={draft} className={styles.draft} data-draft="">
      <IconButton
        icon={Trash2}
        label={t('chats.voice.discard')}
        onClick={() => {
          if (player.get().key === recording.key) player.stop()
          const { voice: _, moment, ...rest } = outgoing.get().drafts.get(person.id) ?? { text: '' }
          outgoing.draft(person.id, rest)
          offerUndo(t, () => {
            makeRoom(person.id)
            const now = outgoing.get().drafts.get(person.id)
            outgoing.draft(person.id, {
              text: '',
              ...now,
              voice,
              ...(moment ? { moment } : {}),
            })
          })
        }}
      />
      <VoiceMessage recording={recording} ms={voice.ms} peaks={voice.peaks} />
      <p className="only-heard" role="status">
        {t('chats.voice.saidKept', { seconds: Math.round(voice.ms / 1000) })}
      </p>
    </div>
  )
}
