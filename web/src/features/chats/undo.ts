import type { TFunction } from 'i18next'
import { toast } from '../../ui'
import { withdraw } from '../../ui/Toast'

let offered: { label: string; run(): void } | undefined

/** A recording was thrown away, which can be taken back until the next one begins. */
export function offerUndo(t: TFunction, run: () => void): void {
  offered = { label: t('chats.voice.undo'), run }
  toast({ text: () => t('chats.voice.discarded'), action: offered })
}

export function withdrawUndo(): void {
  if (offered) withdraw(offered)
}
