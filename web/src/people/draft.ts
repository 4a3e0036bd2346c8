import type { Category, Language, Room } from '../api'

/** A room as somebody has described it, for the form that plans it for later instead. */
export interface RoomDraft {
  title: string
  category: Category
  language: Language
  shape: Room['shape']
  access: Room['access']
  recorded: boolean
}

declare module '@tanstack/react-router' {
  /** What goes along with an address, without being in it. */
  interface HistoryState {
    draft?: RoomDraft | undefined
  }
}
