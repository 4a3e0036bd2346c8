import { useState } from 'react'
import type { Me } from '../../api'
import { useTranslation } from '../../i18n'
import { spokenName } from '../../i18n/languages'
import { useWords } from '../../people'
import { Button, Chips, Sheet } from '../../ui'
import type { Tonight } from '../../voice/call-state'

const remembered = 'heyy.call.wishes'
const none: Tonight = { intents: [], languages: [] }

/** What was wished for tonight, in this tab; tomorrow the profile counts again. */
export function keptTonight(): Tonight {
  try {
    // Written by keepTonight below and nobody else.
    return (JSON.parse(sessionStorage.getItem(remembered) ?? 'null') as Tonight | null) ?? none
  } catch {
    return none
  }
}

export function keepTonight(tonight: Tonight): void {
  try {
    sessionStorage.setItem(remembered, JSON.stringify(tonight))
  } catch {
    // As in the profile, next time.
  }
}

/** What one is here for tonight, without changing the profile. */
export function TonightSheet({
  me,
  value,
  onClose,
  onSave,
}: {
  me: Me
  value: Tonight
  onClose(): void
  onSave(value: Tonight): void
}) {
  const { t } = useTranslation()
  const words = useWords()
  const [wish, setWish] = useState(value)
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('call.tonight.title')}
      lead={t('call.tonight.lead')}
      actions={
        <Button look="primary" large full onClick={() => onSave(wish)}>
          {t('common.save')}
        </Button>
      }
    >
      {me.intents.length > 1 && (
        <Chips<string>
          label={t('call.tonight.intents')}
          chips={me.intents.map((key) => ({ value: key, label: words.intentTitle(key) }))}
          values={wish.intents}
          onChange={(intents: string[]) => setWish({ ...wish, intents })}
        />
      )}
      <Chips<string>
        label={t('call.tonight.languages')}
        chips={me.languages.map((code) => ({ value: code, label: spokenName(code) }))}
        values={wish.languages}
        onChange={(languages: string[]) => setWish({ ...wish, languages })}
      />
    </Sheet>
  )
}
