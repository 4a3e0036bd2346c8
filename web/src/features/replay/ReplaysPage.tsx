import { useRouter, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Problem } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { Button, Chips, EmptyState, More, Page, Quiet, Trouble } from '../../ui'
import styles from './Replay.module.css'
import { ReplayRow, ReplayRows } from './ReplayRow'
import { useReplays } from './replays'

type Which = 'all' | 'mine'

/** What can be heard again. */
export function ReplaysPage() {
  const { t } = useTranslation()
  const router = useRouter()
  const { mine } = useSearch({ strict: false })
  const [which, setWhich] = useState<Which>(mine ? 'mine' : 'all')
  return (
    <Page
      title={t('replay.title')}
      lead={t('replay.lead')}
      onBack={() =>
        router.history.canGoBack() ? router.history.back() : void router.navigate({ to: '/' })
      }
    >
      <div className={styles.page}>
        <Chips<Which>
          label={t('replay.list.label')}
          hideLabel
          value={which}
          onChange={setWhich}
          chips={(['all', 'mine'] as const).map((value) => ({
            value,
            label: t(`replay.list.${value}`),
          }))}
        />
        <List key={which} mine={which === 'mine'} />
      </div>
    </Page>
  )
}

function List({ mine }: { mine: boolean }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const list = useReplays(mine)
  const replays = list.data?.pages.flatMap((page) => page.replays)
  if (!replays) {
    if (!list.isError) return <ReplayRows />
    const problem = Problem.of(list.error)
    return (
      <EmptyState
        title={problem.code === 'offline' ? say(problem) : t('replay.error')}
        art={<Quiet seed="replays-lost" size={200} />}
        action={
          <Button look="primary" onClick={() => void list.refetch()}>
            {t('common.retry')}
          </Button>
        }
      />
    )
  }
  if (replays.length === 0) {
    return (
      <EmptyState
        title={t(mine ? 'replay.empty.mine' : 'replay.empty.title')}
        art={<Quiet seed="replays" size={200} />}
      >
        {t('replay.empty.text')}
      </EmptyState>
    )
  }
  return (
    <>
      <ul className={styles.rows}>
        {replays.map((replay) => (
          <ReplayRow key={replay.id} replay={replay} />
        ))}
      </ul>
      <More of={list} />
      <Trouble>{list.isFetchNextPageError && say(Problem.of(list.error))}</Trouble>
    </>
  )
}
