import { CornerDownLeft } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Problem, type Room } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Icon, Switch, toast, useStore } from '../../ui'
import { captionsMine, captionsShown, captionsTyped } from '../../voice/captionChoices'
import { lastOf, MOST_CHARACTERS } from '../../voice/captioner'
import styles from './Captions.module.css'
import { type Lines, sendCaption, useRecognises } from './captions'

/** What is said on stage, written: the last lines of each who speaks. Screen readers hear the voices. */
export function Captions({ room, lines }: { room: Room; lines: Lines }) {
  const shown = useStore(captionsShown)
  if (!shown || lines.size === 0) return null
  return (
    <div className={styles.captions} aria-live="off" data-testid="captions">
      {[...lines].map(([who, all]) => (
        <p key={who}>
          <bdi className={styles.who}>
            {room.members.find((m) => m.person.id === who)?.person.name}
          </bdi>
          {all.map(({ line, text }) => (
            <span key={line} dir="auto" className={styles.line}>
              {text}
            </span>
          ))}
        </p>
      ))}
    </div>
  )
}

/** Numbers of typed lines; those of a recogniser begin elsewhere. */
let typed = Math.floor(Date.now() / 1000) % 1_000_000_000

/** For whoever sits and types what they say: one line at a time. */
export function CaptionField({ room }: { room: string }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [text, setText] = useState('')

  async function send(event: FormEvent) {
    event.preventDefault()
    const line = lastOf(text)
    if (!line) return
    setText('')
    try {
      await sendCaption(room, { line: typed++, text: line, final: true }, true)
    } catch (thrown) {
      setText((now) => now || text)
      toast({ text: say(Problem.of(thrown)) })
    }
  }

  return (
    <form className={styles.field} onSubmit={(event) => void send(event)}>
      <input
        dir="auto"
        enterKeyHint="send"
        autoComplete="off"
        maxLength={MOST_CHARACTERS}
        aria-label={t('room.captions.write')}
        placeholder={t('room.captions.write')}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" aria-label={t('room.captions.send')} aria-disabled={!text.trim()}>
        <Icon of={CornerDownLeft} size={20} />
      </button>
    </form>
  )
}

/** Whether captions are shown here and, of whoever sits, made here. */
export function CaptionSwitches({
  room,
  sits,
  captioned,
}: {
  room: Room
  sits: boolean
  captioned: boolean
}) {
  const { t } = useTranslation()
  const shown = useStore(captionsShown)
  const mine = useStore(captionsMine)
  const types = useStore(captionsTyped)
  const recognises = useRecognises(room.language, sits)
  return (
    <>
      {captioned && (
        <Switch
          label={t('room.captions.show')}
          hint={t('room.captions.showHint')}
          on={shown}
          onChange={captionsShown.choose}
        />
      )}
      {sits && recognises && (
        <Switch
          label={t('room.captions.mine')}
          hint={t('room.captions.mineHint')}
          on={mine}
          onChange={captionsMine.choose}
        />
      )}
      {sits && (
        <Switch
          label={t('room.captions.type')}
          hint={t(recognises === false ? 'room.captions.typeOnly' : 'room.captions.typeHint')}
          on={types}
          onChange={captionsTyped.choose}
        />
      )}
    </>
  )
}
