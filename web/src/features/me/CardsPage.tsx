import { useRouter } from '@tanstack/react-router'
import { Download, IdCard, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { answer, api, type CardOffer, type ContactCard, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { dayTitle } from '../../i18n/times'
import { useCardOffers, useCards, usePages, vcardOf, WorkLines } from '../../people'
import {
  AuraStill,
  Button,
  buttonClass,
  EmptyState,
  Icon,
  IconButton,
  More,
  Page,
  Quiet,
  Sheet,
  Skeleton,
  Trouble,
  toast,
} from '../../ui'
import styles from './CardsPage.module.css'

/** The contact cards that one has, the last first, and the offers that are open. */
export function CardsPage() {
  const { t } = useTranslation()
  const say = useProblemText()
  const router = useRouter()
  const [removing, setRemoving] = useState<ContactCard>()
  const offers = useCardOffers()
  const query = usePages(['cards', 'list'], (query) =>
    answer(api.GET('/api/me/cards', { params: { query } })),
  )
  const cards = query.data?.pages.flatMap((page) => page.cards)
  const { received = [], given = [] } = offers.data ?? {}

  return (
    <Page
      title={t('cards.title')}
      onBack={() =>
        router.history.canGoBack() ? router.history.back() : void router.navigate({ to: '/me' })
      }
    >
      <Offers kind="received" offers={received} />
      {body()}
      <Offers kind="given" offers={given} />
      {removing && <Remove card={removing} onClose={() => setRemoving(undefined)} />}
    </Page>
  )

  function body() {
    if (!cards) {
      if (!query.isError) return <Waiting />
      const problem = Problem.of(query.error)
      return (
        <EmptyState
          title={problem.code === 'offline' ? say(problem) : t('cards.error')}
          art={<Quiet seed="cards-lost" size={220} />}
          action={
            <Button look="primary" onClick={() => void query.refetch()}>
              {t('common.retry')}
            </Button>
          }
        />
      )
    }
    if (cards.length === 0) {
      return (
        <EmptyState title={t('cards.none.title')} art={<Quiet seed="cards-none" size={260} />}>
          {t('cards.none.text')}
        </EmptyState>
      )
    }
    return (
      <section className={styles.section} aria-labelledby="cards-all">
        <div className={styles.head}>
          <h2 id="cards-all">{t('cards.yours')}</h2>
          <a href={vcardOf()} download="heyy-cards.vcf" className={buttonClass({})}>
            <Icon of={Download} size={20} />
            <span>{t('cards.saveAll')}</span>
          </a>
        </div>
        <ul className={styles.cards}>
          {cards.map((card) => (
            <One key={card.person.id} card={card} onRemove={() => setRemoving(card)} />
          ))}
        </ul>
        <More of={query} />
        <Trouble>{query.isFetchNextPageError && say(Problem.of(query.error))}</Trouble>
      </section>
    )
  }
}

function One({ card, onRemove }: { card: ContactCard; onRemove(): void }) {
  const { t } = useTranslation()
  const { person, work, place, at } = card
  const name = isolate(person.name)
  const day = dayTitle(at, Date.now())
  return (
    <li className={styles.card}>
      <div className={styles.who}>
        <AuraStill person={person} size={48} />
        <span className={styles.words}>
          <bdi className="cut">{person.name}</bdi>
          <small>
            {place ? t('cards.metIn', { room: isolate(place), day }) : t('cards.met', { day })}
          </small>
        </span>
        <IconButton icon={Trash2} label={t('cards.remove', { name })} onClick={onRemove} />
      </div>
      {work && (
        <div className={styles.work}>
          <WorkLines card={work} />
        </div>
      )}
      <a
        href={vcardOf(person.id)}
        download="heyy-card.vcf"
        className={buttonClass({})}
        aria-label={t('cards.saveOf', { name })}
      >
        <Icon of={Download} size={20} />
        <span>{t('cards.save')}</span>
      </a>
    </li>
  )
}

/** Those that wait: for one's own answer, or for the other's. */
function Offers({ kind, offers }: { kind: 'received' | 'given'; offers: readonly CardOffer[] }) {
  const { t } = useTranslation()
  const { busy, trouble, give, ignore, withdraw } = useCards()
  if (offers.length === 0) return null
  return (
    <section className={styles.section} aria-labelledby={`cards-${kind}`}>
      <h2 id={`cards-${kind}`}>{t(`cards.${kind}`)}</h2>
      <ul className={styles.cards}>
        {offers.map(({ person, place }) => {
          const { id } = person
          const name = isolate(person.name)
          return (
            <li key={id} className={styles.card}>
              <div className={styles.who}>
                <AuraStill person={person} size={48} />
                <span className={styles.words}>
                  <bdi className="cut">{person.name}</bdi>
                  {place && <small>{t('cards.in', { room: isolate(place) })}</small>}
                </span>
              </div>
              <div className={styles.ways}>
                {kind === 'received' ? (
                  <>
                    <Button
                      icon={IdCard}
                      busy={busy === `give:${id}`}
                      aria-label={t('cards.exchangeWith', { name })}
                      onClick={() => void give(id)}
                    >
                      {t('cards.exchange')}
                    </Button>
                    <Button
                      look="plain"
                      busy={busy === `ignore:${id}`}
                      aria-label={t('cards.ignoreOf', { name })}
                      onClick={() => void ignore(id)}
                    >
                      {t('cards.ignore')}
                    </Button>
                  </>
                ) : (
                  <Button
                    busy={busy === `withdraw:${id}`}
                    aria-label={t('cards.withdrawFrom', { name })}
                    onClick={() => void withdraw(id)}
                  >
                    {t('cards.withdraw')}
                  </Button>
                )}
              </div>
            </li>
          )
        })}
      </ul>
      <Trouble>{trouble}</Trouble>
    </section>
  )
}

/** Asks once: the other loses the card, too. */
function Remove({ card, onClose }: { card: ContactCard; onClose(): void }) {
  const { t } = useTranslation()
  const { busy, trouble, remove } = useCards()
  const name = isolate(card.person.name)

  async function go() {
    if (!(await remove(card.person.id))) return
    toast({ text: t('cards.removed', { name }) })
    onClose()
  }

  return (
    <Sheet
      open
      onOpenChange={onClose}
      alert
      title={t('cards.removeTitle', { name })}
      lead={t('cards.removeLead', { name })}
      actions={
        <>
          <Trouble>{trouble}</Trouble>
          <Button look="danger" large full busy={busy !== undefined} onClick={() => void go()}>
            {t('cards.removeGo')}
          </Button>
          <Button large full onClick={onClose}>
            {t('common.cancel')}
          </Button>
        </>
      }
    />
  )
}

function Waiting() {
  const { t } = useTranslation()
  return (
    <div className={styles.cards} aria-busy="true">
      <p className="only-heard">{t('cards.loading')}</p>
      {['a', 'b'].map((key) => (
        <div key={key} className={styles.card}>
          <span className={styles.who}>
            <Skeleton width={48} height={48} round />
            <Skeleton width="45%" height="1.125rem" />
          </span>
          <Skeleton width="70%" height="1rem" />
        </div>
      ))}
    </div>
  )
}
