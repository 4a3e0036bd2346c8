import { answer, api, type Club } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useCommand, usePages } from '../../people'
import { AuraStill, Button, More, Skeleton, Trouble } from '../../ui'
import styles from './Club.module.css'
import { looksAgain, useReread } from './clubs'

/** Who asks to join, for admins: the note, and yes or no. */
export function Requests({ club }: { club: Club }) {
  const { t } = useTranslation()
  const { busy, trouble, run } = useCommand()
  const reread = useReread(club.id)
  const list = usePages(
    ['club', club.id, 'requests'],
    (page) =>
      answer(
        api.GET('/api/clubs/{club}/requests', { params: { path: { club: club.id }, query: page } }),
      ),
    looksAgain,
  )
  const requests = list.data?.pages.flatMap((page) => page.requests)

  const reply = (person: string, accept: boolean) => async () => {
    await run(`${person} ${accept}`, () =>
      api.POST('/api/clubs/{club}/requests/{person}', {
        params: { path: { club: club.id, person } },
        body: { accept },
      }),
    )
    await reread()
  }

  return (
    <section className={styles.section} aria-labelledby="club-requests">
      <h2 id="club-requests">{t('club.requests.title', { count: club.requests ?? 0 })}</h2>
      {!requests && <Skeleton height="4rem" />}
      <ul className={styles.rows}>
        {requests?.map(({ person, note }) => (
          <li key={person.id} className={styles.asking}>
            <AuraStill person={person} size={48} />
            <span className={styles.words}>
              <bdi className="cut">{person.name}</bdi>
              {note && <small dir="auto">{note}</small>}
            </span>
            <span className={styles.answers}>
              <Button
                busy={busy === `${person.id} true`}
                aria-label={t('club.requests.acceptLong', { name: isolate(person.name) })}
                onClick={() => void reply(person.id, true)()}
              >
                {t('club.requests.accept')}
              </Button>
              <Button
                look="plain"
                busy={busy === `${person.id} false`}
                aria-label={t('club.requests.declineLong', { name: isolate(person.name) })}
                onClick={() => void reply(person.id, false)()}
              >
                {t('club.requests.decline')}
              </Button>
            </span>
          </li>
        ))}
      </ul>
      <More of={list} />
      <Trouble>{trouble}</Trouble>
    </section>
  )
}
