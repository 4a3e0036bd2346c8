// Package card manages contact cards that two people exchange: an offer by one, and the
// exchange once the other gives theirs, too.
//
// # Model
//
// A card is the name and the work fields of a profile, read when it is shown: it has no copy of
// them. An exchange also keeps where it began, the title of a room, and when.
//
// An offer is handed over openly: the other is told. They may answer with their own card, which
// makes the exchange, or ignore it, of which nobody learns. The person who made it may take it
// back. It expires after a day.
//
// # Lifecycle
//
//	none → offered → exchanged → none
//	       offered → ignored → exchanged
//	                 ignored → withdrawn → ignored
//
// offered, ignored and withdrawn end with the offer's expiry. An offer that was ignored and taken
// back keeps its row until then: made again, it does not show again, and has a new expiry as any
// offer. To the person who made it, an ignored offer looks like an open one, at each of these steps.
//
// # Invariants
//
//   - An exchange is one row of the pair: both have it, or none does. Removing it removes it for
//     both, because a card shows what its owner's profile says today.
//   - An offer needs both people in one room at that moment, or friendship. Its answer does not.
//   - No two people who exclude each other (blocks and reports), or whose match has ended, have an
//     offer or an exchange: both delete the row in their transaction, and every change first
//     locks the pair, as in package follow.
//
// It owns the table contact_cards. Of other packages it reads:
//   - accounts: whether both exist, in the statement that locks the pair
//   - pairs: whether their match has ended, under that lock
package card
