import type { Card, Me } from '../../api'
import styles from './Lobby.module.css'
import { Row } from './Row'

/** Rooms as the lobby lists them, on another page. */
export function RoomRows({ cards, me }: { cards: readonly Card[]; me: Me }) {
  return (
    <ul className={styles.listed}>
      {cards.map((card, place) => (
        <Row key={card.id} card={card} me={me} place={place} pushed={false} />
      ))}
    </ul>
  )
}
