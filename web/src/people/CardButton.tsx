import { Link } from '@tanstack/react-router'
import { Download, IdCard } from 'lucide-react'
import { me, type Person } from '../api'
import { isolate, useTranslation } from '../i18n'
import { Button, buttonClass, Icon, Trouble, useStore } from '../ui'
import styles from './CardButton.module.css'
import { useCards, useOwnCard, useStanding, vcardOf } from './useCards'

/** Exchanges contact cards with somebody, where the two may: one offers theirs, the other answers. */
export function CardButton({ person }: { person: Pick<Person, 'id' | 'name' | 'resident'> }) {
  const { t } = useTranslation()
  const who = useStore(me)
  const self = who.status === 'in' && who.me.id === person.id
  const standing = useStanding(person.id, !self && !person.resident).data
  const { busy, trouble, give, withdraw, ignore } = useCards()
  const full = useOwnCard()
  const { id } = person
  const name = isolate(person.name)
  if (!standing || (standing.state === 'none' && !standing.can_offer)) return null

  const exchange = (look: 'primary' | 'quiet') => (
    <Button look={look} icon={IdCard} busy={busy === `give:${id}`} onClick={() => void give(id)}>
      {t('cards.exchange')}
    </Button>
  )
  const ways = {
    none: exchange('quiet'),
    offered: (
      <Button busy={busy === `withdraw:${id}`} onClick={() => void withdraw(id)}>
        {t('cards.withdraw')}
      </Button>
    ),
    received: (
      <>
        {exchange('primary')}
        <Button busy={busy === `ignore:${id}`} onClick={() => void ignore(id)}>
          {t('cards.ignore')}
        </Button>
      </>
    ),
    exchanged: (
      <>
        <a href={vcardOf(id)} download="heyy-card.vcf" className={buttonClass({})}>
          <Icon of={Download} size={20} />
          <span>{t('cards.save')}</span>
        </a>
        <Link to="/me/cards" className={buttonClass({ look: 'plain' })}>
          {t('cards.all')}
        </Link>
      </>
    ),
  }
  return (
    <section className={styles.card} aria-label={t('cards.title')}>
      <p role="status">{t(`cards.standing.${standing.state}`, { name })}</p>
      <div className={styles.ways}>{ways[standing.state]}</div>
      {!full && (standing.state === 'none' || standing.state === 'received') && (
        <p className={styles.hint}>{t('cards.empty')}</p>
      )}
      <Trouble>{trouble}</Trouble>
    </section>
  )
}
