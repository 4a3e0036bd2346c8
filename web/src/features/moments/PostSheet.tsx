import { Mic, Pause, Play, Square } from 'lucide-react'
import { type MouseEvent, type PointerEvent, useEffect, useId, useRef, useState } from 'react'
import { type MomentAudience, Problem, postMoment, uuid } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits, momentAudienceKeys } from '../../i18n/vocabulary.gen'
import { clock, thinned, Unable, useClip, useNote } from '../../people'
import { moments } from '../../realtime/moments'
import { encoded, outgoing } from '../../realtime/outgoing'
import type { Draft, Sound } from '../../realtime/queue'
import {
  Button,
  Chips,
  Icon,
  LiveWaveform,
  Sheet,
  Trouble,
  toast,
  useLevel,
  useStore,
  Waveform,
} from '../../ui'
import { player, type Recording } from '../../voice/player'
import type { Take } from '../../voice/recorder'
import { levelsOf } from '../../voice/recorder-sound'
import type { VoiceNote } from '../../voice/voiceNote'
import styles from './PostSheet.module.css'

/** Under this key the draft is kept beside those of conversations. No person has such an id. */
const DRAFT = 'moment'
/** The server takes a second and more. */
const length = { least: 1000, most: limits.momentSeconds * 1000 }
const PEAKS = 64
const BARS = 40
const shownEveryMs = 100

/** localStorage: who could hear the last one. */
const AUDIENCE = 'heyy.moment-audience'

function lastAudience(): MomentAudience {
  try {
    return momentAudienceKeys.find((key) => key === localStorage.getItem(AUDIENCE)) ?? 'matches'
  } catch {
    return 'matches'
  }
}

function keepAudience(audience: MomentAudience): void {
  try {
    localStorage.setItem(AUDIENCE, audience)
  } catch {
    // The next one begins with matches again.
  }
}

/** What was said is kept at once, as it was heard: whatever ends the recording, nothing is lost. */
function keep(take: Take): void {
  const voice: Sound = {
    bytes: take.raw(),
    type: 'audio/wav',
    ms: Math.round(take.ms),
    peaks: levelsOf(take.bars, PEAKS).map((level) => Math.round(level * 255)),
  }
  // With its id, so that posting it again after a lost answer posts it once.
  outgoing.draft(DRAFT, { text: '', ...outgoing.get().drafts.get(DRAFT), voice, moment: uuid() })
}

/** Records a moment, lets its author listen, and posts it. What is not posted stays as a draft. */
export function PostSheet({
  open,
  onOpenChange,
}: {
  open: boolean
  onOpenChange(open: boolean): void
}) {
  const { t } = useTranslation()
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t('moments.record.title')}
      lead={t('moments.record.lead')}
    >
      <Desk onPosted={() => onOpenChange(false)} />
    </Sheet>
  )
}

function Desk({ onPosted }: { onPosted(): void }) {
  const draft = useStore(outgoing).drafts.get(DRAFT)
  const note = useNote(DRAFT, length, (take, fate) => {
    if (fate !== 'discard') keep(take)
  })
  return (
    <div className={styles.desk}>
      {draft?.voice ? (
        <>
          {note && <Unable note={note} />}
          <Taken draft={draft} voice={draft.voice} onPosted={onPosted} />
        </>
      ) : (
        note && <Taking note={note} />
      )}
    </div>
  )
}

const elapsed = (ms: number) => {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

function Taking({ note }: { note: VoiceNote }) {
  const { t } = useTranslation()
  const { at } = useStore(note)
  const records = at === 'recording'
  const level = useLevel<HTMLButtonElement>(records ? note.level : undefined)
  const time = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    if (!records) return
    const show = () => {
      if (time.current) time.current.textContent = `${elapsed(note.ms())} / ${elapsed(length.most)}`
    }
    show()
    const timer = setInterval(show, shownEveryMs)
    return () => clearInterval(timer)
  }, [records, note])

  const round = {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button !== 0) return
      if (records) return note.stop()
      event.currentTarget.setPointerCapture(event.pointerId)
      note.press()
    },
    // Let go, it is there to be listened to; a tap goes on by itself.
    onPointerUp: () => note.release(),
    onPointerCancel: () => note.lock(),
    onClick(event: MouseEvent) {
      // By a key or a screen reader; a pointer was heard already.
      if (event.detail !== 0) return
      if (records) return note.stop()
      note.press()
      note.lock()
    },
    onContextMenu: (event: MouseEvent) => event.preventDefault(),
  }
  return (
    <>
      <div className={styles.wave}>
        {records && <LiveWaveform bars={note.bars} />}
        {at === 'asking' && <p role="status">{t('recorder.asking')}</p>}
        <Unable note={note} />
        {at === 'idle' && <p>{t('moments.record.hint')}</p>}
      </div>
      <p ref={time} className={`${styles.clock} numbers`} aria-hidden>
        {elapsed(0)}
      </p>
      <button
        ref={level}
        type="button"
        className={styles.round}
        data-primary=""
        data-live={records || undefined}
        aria-label={t(records ? 'moments.record.stop' : 'moments.record.label')}
        {...round}
      >
        <Icon of={records ? Square : Mic} size={28} />
      </button>
      <p className="only-heard" role="status">
        {records && t('moments.record.recording')}
      </p>
    </>
  )
}

/** Each draft is another recording to the player. */
const recordingOf = ({ moment = '' }: Draft, { bytes, type }: Sound): Recording => ({
  key: `draft/${moment}`,
  url: '',
  sound: () => new Blob([bytes], { type }),
})

function Taken({ draft, voice, onPosted }: { draft: Draft; voice: Sound; onPosted(): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const id = useId()
  const [audience, setAudience] = useState(lastAudience)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const recording = recordingOf(draft, voice)
  const clip = useClip(recording)
  const plays = clip.status === 'playing' || clip.status === 'loading'
  const progress = useRef(0)
  progress.current = clip.progress
  const [heard] = useState(() => () => progress.current)
  const [levels] = useState(() => thinned(voice.peaks, BARS))

  async function post() {
    if (busy) return
    setBusy(true)
    setProblem(undefined)
    if (player.get().key === recording.key) player.stop()
    try {
      const sound = await encoded(voice)
      const text = draft.text.trim()
      moments.posted(await postMoment(draft.moment ?? uuid(), { text, audience }, sound))
      keepAudience(audience)
      outgoing.draft(DRAFT, undefined)
      toast({ text: t('moments.posted') })
      onPosted()
    } catch (thrown) {
      const refused = Problem.of(thrown)
      // It was posted and then removed: the next try is another one.
      if (refused.code === 'moment.none') {
        outgoing.draft(DRAFT, { ...draft, moment: uuid() })
      }
      setProblem(refused)
    } finally {
      setBusy(false)
    }
  }

  function again() {
    if (player.get().key === recording.key) player.stop()
    const { voice: _, moment: __, ...rest } = draft
    outgoing.draft(DRAFT, rest)
  }

  const trouble = problem && (problem.code === 'offline' ? t('moments.offline') : say(problem))
  return (
    <>
      <div className={styles.take}>
        <button
          type="button"
          className={styles.play}
          aria-label={t(plays ? 'moments.record.pause' : 'moments.record.listen')}
          onClick={clip.toggle}
        >
          <Icon of={plays ? Pause : Play} size={24} />
        </button>
        <Waveform levels={levels} progress={heard} />
        <span className="numbers">{clock(voice.ms)}</span>
      </div>
      <Button look="plain" icon={Mic} onClick={again}>
        {t('moments.record.again')}
      </Button>
      <div className={styles.words}>
        <label htmlFor={id}>{t('moments.record.words')}</label>
        <textarea
          id={id}
          dir="auto"
          rows={2}
          maxLength={limits.momentTextMost}
          aria-describedby={`${id}-what`}
          value={draft.text}
          onChange={(event) => outgoing.draft(DRAFT, { ...draft, text: event.target.value })}
        />
        <p id={`${id}-what`} className={styles.hint}>
          {t('moments.record.wordsLabel')}
        </p>
      </div>
      <div className={styles.actions}>
        <div className={styles.who}>
          <Chips<MomentAudience>
            line
            label={t('moments.audience.label')}
            chips={momentAudienceKeys.map((value) => ({
              value,
              label: t(`moments.audience.${value}`),
            }))}
            value={audience}
            onChange={setAudience}
          />
          <p className={styles.hint}>{t(`moments.audience.${audience}Hint`)}</p>
        </div>
        <Trouble>{trouble}</Trouble>
        <Button look="primary" large full busy={busy} onClick={() => void post()}>
          {t('moments.record.post')}
        </Button>
      </div>
    </>
  )
}
