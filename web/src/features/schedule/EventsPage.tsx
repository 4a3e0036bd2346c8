import { useNavigate, useRouter } from '@tanstack/react-router'
import { CalendarDays, CalendarPlus } from 'lucide-react'
import { useState } from 'react'
import { Problem } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import type { RoomDraft } from '../../people'
import { Button, Chips, EmptyState, IconButton, More, Page, Quiet, Trouble } from '../../ui'
import { CalendarSheet } from './CalendarSheet'
import { Days } from './Days'
import { EventRows } from './EventRow'
import { useEvents, useKeepEvent } from './events'
import { PlanSheet } from './PlanSheet'
import styles from './Schedule.module.css'

type Which = 'all' | 'mine'

/**
 * What is planned, day by day. `plan` opens the sheet that plans one, in a club if there is one, with what
 * `draft` says of it.
 */
export function EventsPage({
  plan,
  club,
  draft,
}: {
  plan: boolean
  club: string | undefined
  draft?: RoomDraft | undefined
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const router = useRouter()
  const navigate = useNavigate()
  const keep = useKeepEvent()
  const [which, setWhich] = useState<Which>('all')
  const [planning, setPlanning] = useState(plan)
  const [calendar, setCalendar] = useState(false)
  const list = useEvents(which === 'mine' ? { mine: true } : {})
  const events = list.data?.pages.flatMap((page) => page.events)
  const listed = events !== undefined && events.length > 0
  const open = (
    <Button look="primary" large full icon={CalendarPlus} onClick={() => setPlanning(true)}>
      {t('event.plan.open')}
    </Button>
  )
  return (
    <Page
      title={t('event.title')}
      lead={t('event.lead')}
      onBack={() =>
        router.history.canGoBack() ? router.history.back() : void router.navigate({ to: '/' })
      }
      aside={
        <IconButton
          icon={CalendarDays}
          label={t('event.calendar.open')}
          onClick={() => setCalendar(true)}
        />
      }
      side={open}
    >
      <div className={styles.page}>
        <Chips<Which>
          label={t('event.list.label')}
          hideLabel
          value={which}
          onChange={setWhich}
          chips={(['all', 'mine'] as const).map((value) => ({
            value,
            label: t(`event.list.${value}`),
          }))}
        />
        {!listed && <div className={`${styles.phone} ${styles.stays}`}>{open}</div>}
        {results()}
        {listed && <div className={`${styles.phone} ${styles.stays}`}>{open}</div>}
      </div>
      <PlanSheet
        open={planning}
        onOpenChange={setPlanning}
        club={club}
        draft={draft}
        onDone={(event) => {
          void keep(event)
          void navigate({ to: '/events/$event', params: { event: event.id } })
        }}
      />
      <CalendarSheet open={calendar} onOpenChange={setCalendar} />
    </Page>
  )

  function results() {
    if (!events) {
      if (!list.isError) return <EventRows />
      const problem = Problem.of(list.error)
      return (
        <EmptyState
          title={problem.code === 'offline' ? say(problem) : t('event.error')}
          art={<Quiet seed="events-lost" size={200} />}
          action={<Button onClick={() => void list.refetch()}>{t('common.retry')}</Button>}
        />
      )
    }
    if (events.length === 0) {
      return (
        <EmptyState
          title={t(which === 'mine' ? 'event.empty.mine' : 'event.empty.title')}
          art={<Quiet seed="events" size={200} />}
        >
          {t(which === 'mine' ? 'event.empty.mineText' : 'event.empty.text')}
        </EmptyState>
      )
    }
    return (
      <>
        <Days events={events} level={2} />
        <More of={list} />
        <Trouble>{list.isFetchNextPageError && say(Problem.of(list.error))}</Trouble>
      </>
    )
  }
}
