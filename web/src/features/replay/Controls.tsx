import { Pause, Play, RotateCcw, RotateCw, SkipForward } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ReplayPage } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import {
  announce,
  Chips,
  Icon,
  IconButton,
  Slider,
  Switch,
  Trouble,
  toast,
  useStore,
} from '../../ui'
import { type Rate, rates } from '../../voice/rate'
import type { ReplayPlayer } from '../../voice/replay'
import styles from './Replay.module.css'
import { clock } from './words'

const SKIP_S = 10
const LOOK_MS = 250

/** What is heard now, milliseconds since the beginning of the room; looked at a few times a second. */
export function useAt(player: ReplayPlayer): number {
  const [at, setAt] = useState(player.at)
  const { status } = useStore(player)
  useEffect(() => {
    const look = () => setAt(player.at())
    const undo = player.subscribe(look)
    const every = status === 'playing' ? setInterval(look, LOOK_MS) : undefined
    return () => {
      undo()
      clearInterval(every)
    }
  }, [player, status])
  return at
}

/** Play, the place, and how fast. */
export function Controls({ replay, player }: { replay: ReplayPage; player: ReplayPlayer }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const { status, rate, skips, problem } = useStore(player)
  const at = useAt(player)
  const plays = status !== 'paused'
  const name = (id: string | undefined) =>
    replay.speakers.find((person) => person.id === id)?.name ?? ''

  function next() {
    const to = player.next()
    if (to === undefined) {
      toast({ text: t('replay.noneNext') })
      return
    }
    announce(name(replay.parts.find((part) => part.at === to)?.person))
  }

  return (
    <>
      <section className={styles.controls} aria-label={t('replay.controls')}>
        <Slider
          label={t('replay.place')}
          least={player.begin}
          most={Math.max(player.begin + 1, player.end)}
          step={1000}
          value={at}
          text={`${clock(at - player.begin)} / ${clock(player.end - player.begin)}`}
          onChange={player.seek}
        />
        <Trouble>{problem && say(problem)}</Trouble>
        <Chips<`${Rate}`>
          label={t('replay.rate')}
          value={`${rate}`}
          onChange={(value: `${Rate}`) => player.setRate(rates.find((r) => `${r}` === value) ?? 1)}
          chips={rates.map((r) => ({
            value: `${r}` as const,
            label: t('replay.times', { rate: r }),
          }))}
        />
        <Switch label={t('replay.skips')} on={skips} onChange={player.setSkips} />
      </section>
      <div className={styles.keys}>
        <IconButton
          icon={RotateCcw}
          label={t('replay.back', { seconds: SKIP_S })}
          onClick={() => player.skip(-SKIP_S)}
        />
        <button
          type="button"
          data-primary=""
          className={styles.play}
          aria-label={t(plays ? 'player.pause' : 'player.play')}
          aria-busy={status === 'loading' || undefined}
          onClick={plays ? player.pause : player.play}
        >
          <Icon of={plays ? Pause : Play} size={28} />
        </button>
        <IconButton
          icon={RotateCw}
          label={t('replay.on', { seconds: SKIP_S })}
          onClick={() => player.skip(SKIP_S)}
        />
        <IconButton icon={SkipForward} label={t('replay.next')} onClick={next} />
      </div>
    </>
  )
}
