import { Link } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { type MomentAuthor, me } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { moodOf } from '../../people'
import { isUnheard } from '../../realtime/momentList'
import { AuraStill, Icon, useStore } from '../../ui'
import { player } from '../../voice/player'
import { PostSheet } from './PostSheet'
import { begin, firstOf, itemsOf, type Source, useRecordings } from './playlist'
import styles from './Rail.module.css'
import { useMoments } from './useMoments'

/** Whose moments can be heard, as a row of auras: a ring is what is unheard. One's own come first. */
export function Rail({ source }: { source: Source }) {
  const { t } = useTranslation()
  const who = useStore(me)
  const { mine, people } = useMoments(source)
  const [posting, setPosting] = useState(false)
  if (who.status !== 'in') return null
  // In Discover it is there when there is somebody to hear.
  if (source === 'new' && people.length === 0) return null
  return (
    <section className={styles.rail} data-source={source} aria-label={t('moments.rail')}>
      <ul className={styles.list}>
        {source === 'known' && (
          <li>
            <button
              type="button"
              className={styles.one}
              aria-label={t('moments.add')}
              onClick={() => setPosting(true)}
            >
              <span className={styles.aura}>
                <AuraStill person={who.me} size={64} />
                <span className={styles.plus}>
                  <Icon of={Plus} size={20} />
                </span>
              </span>
              <span className={styles.name}>{t('moments.addShort')}</span>
            </button>
          </li>
        )}
        {mine.length > 0 && (
          <li>
            <One
              person={who.me}
              source={source}
              name={t('moments.mine')}
              label={`${t('moments.mine')}, ${t('moments.yours')}`}
            />
          </li>
        )}
        {people.map((one) => (
          <li key={one.person.id}>
            <One
              person={one.person}
              source={source}
              name={one.person.name}
              label={labelOf(t, one)}
              unheard={isUnheard(one)}
            />
          </li>
        ))}
      </ul>
      {source === 'known' && people.length === 0 && mine.length === 0 && (
        <p className={styles.empty}>{t('moments.empty')}</p>
      )}
      {source === 'known' && <PostSheet open={posting} onOpenChange={setPosting} />}
    </section>
  )
}

function labelOf(t: TFunction, { person, moments }: MomentAuthor): string {
  const name = isolate(person.name)
  const count = moments.filter((m) => !m.heard).length
  return count > 0 ? t('moments.new', { name, count }) : t('moments.heard', { name })
}

function One({
  person,
  source,
  name,
  label,
  unheard,
}: {
  person: MomentAuthor['person']
  source: Source
  name: string
  label: string
  unheard?: boolean
}) {
  const recordingOf = useRecordings()
  return (
    <Link
      to="/moments/$person"
      params={{ person: person.id }}
      viewTransition
      className={styles.one}
      aria-label={label}
      {...moodOf(person)}
      // Within the tap, so that browsers let it sound.
      onClick={() => {
        begin(source)
        const first = firstOf(itemsOf(person.id, source))
        if (first) void player.play(recordingOf(first))
      }}
    >
      <span className={styles.aura} data-unheard={unheard || undefined}>
        <AuraStill person={person} size={64} />
      </span>
      <bdi className={`${styles.name} cut`}>{name}</bdi>
    </Link>
  )
}
