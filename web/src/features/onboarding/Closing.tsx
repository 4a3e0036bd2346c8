import { useTranslation } from '../../i18n'
import { type Question, questions } from './order'
import styles from './Step.module.css'

const R = 44
const GAP = 14 // degrees between two arcs

/**
 * How far somebody is: the plain ring of a person without a voice, in as many arcs as there are
 * questions. Each answer lights its arc; the intro turns the closed ring into an aura.
 */
export function Closing({
  name,
  done,
  at,
}: {
  name: string
  done: readonly Question[]
  at: Question
}) {
  const { t } = useTranslation()
  const turn = 360 / questions.length
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim())
  return (
    <div
      className={styles.closing}
      role="img"
      aria-label={t('onboarding.progress', {
        number: questions.indexOf(at) + 1,
        of: questions.length,
      })}
    >
      <svg viewBox="-60 -60 120 120" aria-hidden>
        {questions.map((question, i) => (
          <path
            key={question}
            d={arc(i * turn + GAP / 2 - 90, (i + 1) * turn - GAP / 2 - 90)}
            data-lit={done.includes(question) || undefined}
            data-at={question === at || undefined}
          />
        ))}
      </svg>
      <span aria-hidden data-initial={(first?.segment ?? '').toLocaleUpperCase()} />
    </div>
  )
}

function arc(from: number, to: number): string {
  const point = (degrees: number) => {
    const angle = (degrees * Math.PI) / 180
    return `${(R * Math.cos(angle)).toFixed(2)} ${(R * Math.sin(angle)).toFixed(2)}`
  }
  return `M${point(from)}A${R} ${R} 0 0 1 ${point(to)}`
}
