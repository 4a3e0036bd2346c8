import { BadgeCheck, Bot, ExternalLink, Sparkles } from 'lucide-react'
import { me, type PersonCard, type Region, type WorkCard } from '../api'
import { useTranslation } from '../i18n'
import { Icon, useStore } from '../ui'
import styles from './About.module.css'
import { FollowButton } from './FollowButton'
import { known, openTo } from './lists'
import { useWords } from './words'

/** Who this is in one line and a half: pronouns, region, and what a moderator or time has given them. */
export function Facts({ person, region }: { person: PersonCard; region?: Region }) {
  const { t } = useTranslation()
  const words = useWords()
  const marks = [
    person.verified && { icon: BadgeCheck, text: t('people.badge.verified'), calm: true },
    person.badges.includes('new_here') && { icon: Sparkles, text: t('people.badge.newHere') },
  ].filter((mark) => mark !== false)
  if (!person.pronouns && !region && marks.length === 0) return null
  return (
    <div className={styles.facts}>
      {(person.pronouns || region) && (
        <p className={styles.where}>
          {person.pronouns && <bdi>{person.pronouns}</bdi>}
          {person.pronouns && region && <span>{' · '}</span>}
          {region && <span>{words.region(region)}</span>}
        </p>
      )}
      {marks.length > 0 && (
        <ul className={styles.marks}>
          {marks.map(({ icon, text, calm }) => (
            <li key={text} data-calm={calm || undefined}>
              <Icon of={icon} size={20} />
              <span>{text}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** A synthetic voice says that it is one, wherever it is met. */
export function Resident() {
  const { t } = useTranslation()
  return (
    <p className={styles.resident}>
      <Icon of={Bot} size={20} />
      <span>{t('people.resident')}</span>
    </p>
  )
}

/** What they say of themselves: what for, which languages, what they like, what they do. */
export function About({
  person,
  intents = [],
  follow = false,
}: {
  person: PersonCard
  /** Those the two have in common. */
  intents?: readonly string[]
  /** They may be followed from their work card: elsewhere on the screen there is no way to. */
  follow?: boolean
}) {
  const { t } = useTranslation()
  const words = useWords()
  const state = useStore(me)
  const mine = state.status === 'in' ? state.me.interests : []
  const shared = (key: string) => mine.includes(key)
  const interests = [...person.interests].sort((a, b) => Number(shared(b)) - Number(shared(a)))
  const languages = person.languages.length > 0 ? person.languages : [person.language]
  return (
    <div className={styles.about}>
      <p className={styles.speaks}>{words.languages(languages)}</p>
      {intents.length > 0 && (
        <div className={styles.group}>
          <h3>{t('people.both')}</h3>
          <ul className={styles.chips}>
            {intents.map((key) => (
              <li key={key} data-shared>
                {words.intentTitle(key)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {interests.length > 0 && (
        <div className={styles.group}>
          <h3>{t('people.likes')}</h3>
          <ul className={styles.chips} aria-label={t('people.likes')}>
            {interests.map((key) => (
              <li key={key} data-shared={shared(key) || undefined}>
                <span>{words.interest(key)}</span>
                {shared(key) && <span className="only-heard">{`, ${t('people.too')}`}</span>}
              </li>
            ))}
          </ul>
        </div>
      )}
      {person.work && <Work card={person.work} follow={follow ? person : undefined} />}
    </div>
  )
}

function Work({ card, follow }: { card: WorkCard; follow: PersonCard | undefined }) {
  const { t } = useTranslation()
  return (
    <div className={styles.group}>
      <h3>{t('people.work.title')}</h3>
      <WorkLines card={card} />
      {follow && <FollowButton person={follow} />}
    </div>
  )
}

/** What a work card says. */
export function WorkLines({ card }: { card: WorkCard }) {
  const { t } = useTranslation()
  const wishes = known(openTo, card.open_to)
  return (
    <>
      {(card.role || card.company) && (
        <p className={styles.role}>
          {card.role && <bdi>{card.role}</bdi>}
          {card.company && <bdi className={styles.company}>{card.company}</bdi>}
        </p>
      )}
      {wishes.length > 0 && (
        <ul className={styles.chips} aria-label={t('people.work.openTo')}>
          {wishes.map((key) => (
            <li key={key}>{t(`people.work.open.${key}`)}</li>
          ))}
        </ul>
      )}
      {card.links.map((link) => (
        <a
          key={link}
          className={styles.link}
          href={link}
          target="_blank"
          rel="noreferrer noopener nofollow"
        >
          <Icon of={ExternalLink} size={16} />
          <bdi dir="ltr" className="cut">
            {link.replace(/^https:\/\//, '').replace(/\/$/, '')}
          </bdi>
        </a>
      ))}
    </>
  )
}
