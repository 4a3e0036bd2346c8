import { Download } from 'lucide-react'
import { useState } from 'react'
import { answer, api, type ReplayPage } from '../../api'
import { useTranslation } from '../../i18n'
import { limits, replayDays } from '../../i18n/vocabulary.gen'
import { useCommand } from '../../people'
import { Button, buttonClass, Chips, Icon, Sheet, TextField, Trouble, toast } from '../../ui'
import styles from './Replay.module.css'
import { path, useKeepReplay } from './replays'
import { clock } from './words'

type Days = `${(typeof replayDays)[number]}`

/** What the host and those who spoke do with a replay. */
export function OwnSheet({
  open,
  onOpenChange,
  replay,
  at,
  onGone,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  replay: ReplayPage
  /** Where it is now, for a chapter. */
  at(): number
  onGone(): void
}) {
  const { t } = useTranslation()
  const keep = useKeepReplay()
  const { busy, trouble, run, forget } = useCommand()
  const [asks, setAsks] = useState<'delete' | 'withdraw'>()
  const [days, setDays] = useState<Days>(`${replay.days}` as Days)
  const [chapter, setChapter] = useState('')

  const close = (on: boolean) => {
    if (!on) {
      setAsks(undefined)
      forget()
    }
    onOpenChange(on)
  }

  async function publish() {
    const done = await run('publish', async () => {
      const now = await answer(
        api.PUT('/api/replays/{replay}/publication', {
          ...path(replay.id),
          body: { days: Number(days) },
        }),
      )
      await keep({ ...replay, ...now })
    })
    if (!done) return
    close(false)
    toast({ text: t('replay.publish.done') })
  }

  async function addChapter() {
    const done = await run('chapter', async () => {
      const line = await answer(
        api.POST('/api/replays/{replay}/chapters', {
          ...path(replay.id),
          body: { at: at(), text: chapter },
        }),
      )
      const lines = [...replay.lines, line].sort((a, b) => a.at - b.at)
      await keep({ ...replay, lines })
      setChapter('')
    })
    if (done) toast({ text: t('replay.chapter.added') })
  }

  async function remove() {
    const done = await run('gone', () =>
      asks === 'delete'
        ? api.DELETE('/api/replays/{replay}', path(replay.id))
        : api.DELETE('/api/replays/{replay}/voice', path(replay.id)),
    )
    if (!done) return
    close(false)
    toast({ text: t(asks === 'delete' ? 'replay.deleted' : 'replay.withdrawn') })
    await keep()
    if (asks === 'delete' || !replay.hosts || replay.speakers.length < 2) onGone()
  }

  if (asks) {
    return (
      <Sheet
        open={open}
        onOpenChange={close}
        alert
        title={t(`replay.${asks}.title`)}
        lead={t(`replay.${asks}.lead`)}
        actions={
          <>
            <Button
              look="danger"
              large
              full
              busy={busy !== undefined}
              onClick={() => void remove()}
            >
              {t(`replay.${asks}.go`)}
            </Button>
            <Button look="quiet" large full onClick={() => setAsks(undefined)}>
              {t('replay.keep')}
            </Button>
          </>
        }
      >
        <Trouble>{trouble}</Trouble>
      </Sheet>
    )
  }

  return (
    <Sheet open={open} onOpenChange={close} title={t('replay.menu')}>
      <div className={styles.ways}>
        {replay.hosts && (
          <>
            <Chips<Days>
              label={t('replay.publish.days')}
              value={days}
              onChange={setDays}
              chips={replayDays
                .toSorted((a, b) => a - b)
                .map((n) => ({
                  value: `${n}` as Days,
                  label: t('replay.publish.dayCount', { count: n }),
                }))}
            />
            <Button
              look="primary"
              large
              full
              busy={busy === 'publish'}
              onClick={() => void publish()}
            >
              {t(replay.state === 'draft' ? 'replay.publish.go' : 'replay.publish.change')}
            </Button>
            <p className={styles.hint}>{t(`replay.publish.who.${replay.access}`)}</p>
            <form
              className={styles.add}
              onSubmit={(event) => {
                event.preventDefault()
                void addChapter()
              }}
            >
              <TextField
                label={t('replay.chapter.label', { at: clock(at() - (replay.parts[0]?.at ?? 0)) })}
                value={chapter}
                maxLength={limits.chapterMost}
                onChange={(event) => setChapter(event.target.value)}
              />
              <Button type="submit" busy={busy === 'chapter'} disabled={chapter.trim() === ''}>
                {t('replay.chapter.add')}
              </Button>
            </form>
            <a
              href={`/api/replays/${replay.id}/export`}
              download="replay.zip"
              className={buttonClass({ large: true, full: true })}
            >
              <Icon of={Download} size={20} />
              <span>{t('replay.export')}</span>
            </a>
          </>
        )}
        <Trouble>{trouble}</Trouble>
        {replay.keeps && (
          <Button large full onClick={() => setAsks('withdraw')}>
            {t('replay.withdraw.open')}
          </Button>
        )}
        {replay.hosts && (
          <Button large full onClick={() => setAsks('delete')}>
            {t('replay.delete.open')}
          </Button>
        )}
      </div>
    </Sheet>
  )
}
