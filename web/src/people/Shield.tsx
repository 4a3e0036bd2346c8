import { ArrowLeft, Ban, Flag, Shield as Sign } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import { Problem, type ReportReason } from '../api'
import { apart, useTranslation } from '../i18n'
import { useProblemText } from '../i18n/problem'
import { Button, IconButton, Sheet, Trouble, toast } from '../ui'
import styles from './Shield.module.css'
import { block, report, reportReasons } from './safety'

const longest = 1000

type Of = { id: string; name: string }

/**
 * Block or report, two taps away wherever a person is shown. Afterwards they
 * are gone from everywhere at once; see onParted.
 */
export function Shield({
  person,
  place,
  className,
}: {
  person: Of
  /** Where this is: discover, profile, match, room:<id>. */
  place: string
  className?: string
}) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  return (
    <>
      <IconButton
        icon={Sign}
        label={t('people.safety.open', { name: apart(person.name) })}
        className={className}
        onClick={() => setOpen(true)}
      />
      <SafetySheet person={person} place={place} open={open} onOpenChange={setOpen} />
    </>
  )
}

function SafetySheet({
  person,
  place,
  open,
  onOpenChange,
}: {
  person: Of
  place: string
  open: boolean
  onOpenChange(open: boolean): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [reporting, setReporting] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const name = apart(person.name)

  useEffect(() => {
    if (open) return
    setReporting(false)
    setProblem(undefined)
  }, [open])

  async function run(act: () => Promise<void>, said: 'blocked' | 'reported') {
    setBusy(true)
    setProblem(undefined)
    try {
      await act()
      onOpenChange(false)
      toast({ text: t(`people.safety.${said}`, { name }) })
    } catch (thrown) {
      setProblem(Problem.of(thrown))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={reporting ? t('people.safety.why', { name }) : t('people.safety.title', { name })}
      lead={reporting ? t('people.safety.whyLead') : t('people.safety.lead')}
    >
      {reporting ? (
        <Report
          busy={busy}
          problem={problem && say(problem)}
          onBack={() => setReporting(false)}
          onSend={(reason, note) =>
            void run(() => report(person.id, { reason, note, place }), 'reported')
          }
        />
      ) : (
        <div className={styles.ways}>
          <Button
            full
            large
            icon={Ban}
            busy={busy}
            className={styles.way}
            onClick={() => void run(() => block(person.id), 'blocked')}
          >
            {t('people.safety.block')}
          </Button>
          <Button
            full
            large
            icon={Flag}
            className={`${styles.way} ${styles.grave}`}
            onClick={() => {
              setProblem(undefined)
              setReporting(true)
            }}
          >
            {t('people.safety.report')}
          </Button>
          <Trouble>{problem && say(problem)}</Trouble>
        </div>
      )}
    </Sheet>
  )
}

function Report({
  busy,
  problem,
  onBack,
  onSend,
}: {
  busy: boolean
  problem: string | undefined
  onBack(): void
  onSend(reason: ReportReason, note: string): void
}) {
  const { t } = useTranslation()
  const id = useId()
  const [reason, setReason] = useState<ReportReason>()
  const [note, setNote] = useState('')
  const [missing, setMissing] = useState(false)
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (busy) return
        if (reason) onSend(reason, note.trim())
        else setMissing(true)
      }}
    >
      <fieldset className={styles.reasons}>
        <legend className="only-heard">{t('people.safety.reason')}</legend>
        {reportReasons.map((key) => (
          <label key={key}>
            <input
              type="radio"
              name={id}
              checked={reason === key}
              onChange={() => {
                setReason(key)
                setMissing(false)
              }}
            />
            <span>{t(`people.safety.because.${key}`)}</span>
          </label>
        ))}
      </fieldset>
      <label className={styles.note}>
        <span>{t('people.safety.note')}</span>
        <textarea
          dir="auto"
          rows={3}
          maxLength={longest}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      <Trouble>{missing ? t('people.safety.reasonMissing') : problem}</Trouble>
      <div className={styles.send}>
        <IconButton icon={ArrowLeft} label={t('common.back')} onClick={onBack} />
        <Button type="submit" look="danger" full large busy={busy}>
          {t('people.safety.send')}
        </Button>
      </div>
    </form>
  )
}
