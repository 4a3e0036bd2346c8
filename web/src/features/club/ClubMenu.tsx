import { useState } from 'react'
import { answer, api, type Club } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useCommand, usePages } from '../../people'
import { AuraStill, Button, More, Sheet, Trouble } from '../../ui'
import styles from './Club.module.css'
import { leads, useReread } from './clubs'

/** What is done seldom: change the club, see who is banned, leave, close. */
export function ClubMenu({
  open,
  onOpenChange,
  club,
  onEdit,
  onLeft,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  club: Club
  onEdit(): void
  onLeft(): void
}) {
  const { t } = useTranslation()
  const { busy, trouble, run, forget } = useCommand()
  const reread = useReread(club.id)
  const [asks, setAsks] = useState<'leave' | 'close'>()
  const name = isolate(club.name)
  const at = { params: { path: { club: club.id } } }
  const close = (on: boolean) => {
    if (!on) {
      setAsks(undefined)
      forget()
    }
    onOpenChange(on)
  }

  async function go(what: 'leave' | 'close') {
    const done = await run(what, () =>
      what === 'leave'
        ? api.POST('/api/clubs/{club}/leave', at)
        : api.POST('/api/clubs/{club}/close', at),
    )
    if (!done) return
    close(false)
    onLeft()
    await reread()
  }

  if (asks) {
    return (
      <Sheet
        open={open}
        onOpenChange={close}
        alert
        title={t(`club.menu.${asks}.title`, { name })}
        lead={t(`club.menu.${asks}.lead`)}
        actions={
          <>
            <Button
              look="danger"
              large
              full
              busy={busy !== undefined}
              onClick={() => void go(asks)}
            >
              {t(`club.menu.${asks}.go`)}
            </Button>
            <Button look="quiet" large full onClick={() => close(false)}>
              {t('common.cancel')}
            </Button>
          </>
        }
      >
        <Trouble>{trouble}</Trouble>
      </Sheet>
    )
  }
  return (
    <Sheet open={open} onOpenChange={close} title={t('club.menu.title')}>
      <div className={styles.ways}>
        {leads(club) && (
          <Button large full onClick={onEdit}>
            {t('club.menu.edit')}
          </Button>
        )}
        {club.role === 'founder' ? (
          <>
            <p className={styles.hint}>{t('club.menu.founder')}</p>
            <Button look="danger" large full onClick={() => setAsks('close')}>
              {t('club.menu.close.open')}
            </Button>
          </>
        ) : (
          <Button look="danger" large full onClick={() => setAsks('leave')}>
            {t(club.role === 'follower' ? 'club.unfollow' : 'club.menu.leave.open')}
          </Button>
        )}
        {leads(club) && open && <Bans club={club} />}
      </div>
    </Sheet>
  )
}

/** Who cannot join, and the way back. */
function Bans({ club }: { club: Club }) {
  const { t } = useTranslation()
  const { busy, trouble, run } = useCommand()
  const list = usePages(['club', club.id, 'bans'], (page) =>
    answer(api.GET('/api/clubs/{club}/bans', { params: { path: { club: club.id }, query: page } })),
  )
  const bans = list.data?.pages.flatMap((page) => page.bans) ?? []
  if (bans.length === 0) return null
  return (
    <section className={styles.section} aria-labelledby="club-bans">
      <h3 id="club-bans">{t('club.bans.title')}</h3>
      <ul className={styles.rows}>
        {bans.map(({ person }) => (
          <li key={person.id} className={styles.person}>
            <AuraStill person={person} size={40} />
            <span className={styles.words}>
              <bdi className="cut">{person.name}</bdi>
            </span>
            <Button
              look="plain"
              busy={busy === person.id}
              aria-label={t('club.bans.liftLong', { name: isolate(person.name) })}
              onClick={() =>
                void run(person.id, () =>
                  api.DELETE('/api/clubs/{club}/bans/{person}', {
                    params: { path: { club: club.id, person: person.id } },
                  }),
                ).then(() => list.refetch())
              }
            >
              {t('club.bans.lift')}
            </Button>
          </li>
        ))}
      </ul>
      <More of={list} />
      <Trouble>{trouble}</Trouble>
    </section>
  )
}
