import { useEffect, useState } from 'react'
import type { DiscoverCard } from '../../api'
import { inOneLine, useTranslation } from '../../i18n'
import {
  About,
  ClipChip,
  Facts,
  moodOf,
  Portrait,
  Resident,
  SafetyMenu,
  usePrompt,
  useWords,
} from '../../people'
import type { Parts } from '../../ui'
import type { Recording } from '../../voice/player'
import styles from './Card.module.css'
import { deck } from './deck'
import type { Choice } from './swipe'
import { useSwipe } from './useSwipe'

/** A name longer than this would fill half a screen in large letters. */
const longName = 16

/** The ring takes the upper half of a phone, whatever its size. */
function measure(): number {
  const room = Math.min(window.innerWidth - 48, window.innerHeight * 0.41)
  return Math.round(Math.max(240, Math.min(360, room)))
}

function useRingSize(): number {
  const [size, setSize] = useState(measure)
  useEffect(() => {
    const again = () => setSize(measure())
    window.addEventListener('resize', again)
    return () => window.removeEventListener('resize', again)
  }, [])
  return size
}

/** One person: their voice as light above, who they are below. */
export function Card({
  card,
  about,
  leaving,
  onChoose,
  children,
}: {
  card: DiscoverCard
  /** What the player knows of the intro besides. */
  about?: Partial<Recording>
  /** Chosen about: it goes, and nothing on it can be pressed any more. */
  leaving?: Choice
  /** False: not now, the card stays. */
  onChoose(choice: Choice): boolean
  /** What follows the words: details on a phone, the radio's keys. */
  children?: Parts
}) {
  const { t } = useTranslation()
  const words = useWords()
  const swipe = useSwipe(onChoose)
  const size = useRingSize()
  const { person } = card
  const renew = (place: number) => deck.renew(person.id, place)
  const prompt = usePrompt(person.clips.find((clip) => clip.place === 0)?.prompt)
  const [first, ...others] = card.reasons.map(words.reason).filter((said) => said !== undefined)
  const heading = `who-${person.id}`

  return (
    <article
      className={styles.card}
      aria-labelledby={heading}
      data-leaving={leaving}
      inert={leaving !== undefined}
      {...moodOf(person)}
      {...swipe}
    >
      <div className={styles.stage} data-grip>
        <Portrait person={person} size={size} renew={renew} about={about} />
        <span className={styles.yes} aria-hidden>
          {t('discover.like')}
        </span>
        <span className={styles.no} aria-hidden>
          {t('discover.pass')}
        </span>
      </div>
      <div className={styles.words}>
        {prompt && <p className={styles.prompt}>{prompt}</p>}
        <header className={styles.who}>
          <h2 id={heading} data-long={person.name.length > longName || undefined}>
            <bdi>{person.name}</bdi>
            <span className="numbers">{`, ${card.age}`}</span>
          </h2>
          <SafetyMenu
            person={person}
            place="discover"
            clips={person.clips}
            className={styles.safety}
          />
        </header>
        <Facts person={person} region={card.region} />
        {first && (
          <div className={styles.reasons}>
            <p>{first}</p>
            {others.length > 0 && <p className={styles.others}>{inOneLine(others)}</p>}
          </div>
        )}
      </div>
      {children}
    </article>
  )
}

/** Further recordings, and what they say of themselves. */
export function Details({ card }: { card: DiscoverCard }) {
  const { t } = useTranslation()
  const { person } = card
  const more = person.clips.filter((clip) => clip.place > 0)
  return (
    <div className={styles.details} {...moodOf(person)}>
      {person.resident && <Resident />}
      {more.length > 0 && (
        <ul className={styles.clips} aria-label={t('people.moreClips')}>
          {more.map((clip) => (
            <li key={clip.place}>
              <ClipChip clip={clip} renew={(place) => deck.renew(person.id, place)} />
            </li>
          ))}
        </ul>
      )}
      <About person={person} intents={card.intents} follow />
    </div>
  )
}
