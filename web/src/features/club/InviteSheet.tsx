import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Copy, Share2, X } from 'lucide-react'
import { useState } from 'react'
import { answer, api, type Club } from '../../api'
import { isolate, locale, useTranslation } from '../../i18n'
import { useCommand } from '../../people'
import { Button, Chips, IconButton, Sheet, Trouble, toast } from '../../ui'
import styles from './Club.module.css'
import { joinPath } from './clubs'

const hours = ['1', '24', '168'] as const
type Hours = (typeof hours)[number]
const units = { 1: 'hour', 24: 'day', 168: 'week' } as const
const uses = ['1', '10', '100', '1000'] as const
type Uses = (typeof uses)[number]

/** Makes a link that lets people in, passes it on, and turns others off. A link is shown once: nobody reads it again. */
export function InviteSheet({
  open,
  onOpenChange,
  club,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  club: Club
}) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const { busy, trouble, run } = useCommand()
  const [lasts, setLasts] = useState<Hours>('24')
  const [most, setMost] = useState<Uses>('10')
  const [link, setLink] = useState<string>()
  const key = ['club', club.id, 'links']
  const at = { params: { path: { club: club.id } } }
  const { data } = useQuery({
    queryKey: key,
    queryFn: () => answer(api.GET('/api/clubs/{club}/links', at)),
    enabled: open && club.can_invite === true,
    staleTime: 0,
  })
  const reread = () => queries.invalidateQueries({ queryKey: key })

  async function make() {
    await run('make', async () => {
      const made = await answer(
        api.POST('/api/clubs/{club}/links', {
          ...at,
          body: { hours: Number(lasts) as 1 | 24 | 168, most: Number(most) },
        }),
      )
      setLink(new URL(joinPath(club.id, made.token ?? ''), location.origin).href)
    })
    await reread()
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(link ?? '')
      toast({ text: t('club.invite.copied') })
    } catch {
      toast({ text: t('room.menu.notCopied') })
    }
  }

  const share = () =>
    // Whoever closes the system's sheet has chosen not to.
    void navigator
      .share({
        title: club.name,
        text: t('club.invite.text', { name: isolate(club.name) }),
        url: link ?? '',
      })
      .catch(() => undefined)

  return (
    <Sheet
      open={open}
      onOpenChange={(on) => {
        if (!on) setLink(undefined)
        onOpenChange(on)
      }}
      title={t('club.invite.title')}
      lead={t(link ? 'club.invite.once' : 'club.invite.lead')}
      actions={
        link ? (
          <>
            {typeof navigator.share === 'function' && (
              <Button look="primary" large full icon={Share2} onClick={share}>
                {t('club.invite.share')}
              </Button>
            )}
            <Button
              look={typeof navigator.share === 'function' ? 'quiet' : 'primary'}
              large
              full
              icon={Copy}
              onClick={() => void copy()}
            >
              {t('club.invite.copy')}
            </Button>
          </>
        ) : (
          <Button look="primary" large full busy={busy === 'make'} onClick={() => void make()}>
            {t('club.invite.make')}
          </Button>
        )
      }
    >
      {link ? (
        <p className={styles.link} data-testid="club-link">
          {link}
        </p>
      ) : (
        <div className={styles.form}>
          <Chips<Hours>
            label={t('club.invite.lasts')}
            value={lasts}
            onChange={setLasts}
            chips={hours.map((value) => ({
              value,
              label: t('club.invite.hours', { unit: units[value] }),
            }))}
          />
          <Chips<Uses>
            label={t('club.invite.most')}
            value={most}
            onChange={setMost}
            chips={uses.map((value) => ({
              value,
              label: t('club.invite.people', { count: Number(value) }),
            }))}
          />
        </div>
      )}
      {data && data.links.length > 0 && (
        <section className={styles.section} aria-labelledby="club-links">
          <h3 id="club-links">{t('club.invite.active')}</h3>
          <ul className={styles.rows}>
            {data.links.map(({ id, by, expires_at, most: lets, uses: used }) => (
              <li key={id} className={styles.person}>
                <span className={styles.words}>
                  <span className="numbers">{t('club.invite.used', { used, most: lets })}</span>
                  <small className="numbers">
                    {[by && isolate(by.name), t('club.invite.until', { when: until(expires_at) })]
                      .filter(Boolean)
                      .join(' · ')}
                  </small>
                </span>
                <IconButton
                  icon={X}
                  label={t('club.invite.revoke', { when: until(expires_at) })}
                  onClick={() =>
                    void run(id, () =>
                      api.DELETE('/api/clubs/{club}/links/{link}', {
                        params: { path: { club: club.id, link: id } },
                      }),
                    ).then(reread)
                  }
                />
              </li>
            ))}
          </ul>
        </section>
      )}
      <Trouble>{trouble}</Trouble>
    </Sheet>
  )
}

const until = (at: number) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(at)
