// Package search finds messages by their words: an inverted index of the messages in chats,
// in plain tables, the same on both engines.
//
// # Model
//
// A text is a list of tokens: words, folded (case, diacritics, widths); characters of
// scripts without spaces, such as Han, indexed as bigrams; and emoji. A query matches a
// message that has all its words; the last one may be the beginning of a word.
//
// Numbers of messages are cut into blocks of 64 and parts of 1,024. A row of the index says
// by 64 bits which messages of a block have a word, so a frequent word costs a row in 64
// messages, and words are intersected by AND. Parts are searched from the newest on, until
// the page is full.
//
// # Lifecycle
//
// The index follows the seq of each chat: CatchUp indexes messages new or changed after the
// last seq that it knows, and moves that number in the same transaction. A fact of the
// outbox only says when: after a new message at once, after other changes within some seconds,
// by the job CatchUpLate, so that many edits are one pass. So a repeated fact changes nothing, a lost one is made up for by
// the next or by the job CatchUpAll, and messages from before the index are indexed alike.
//
// A message whose text is as it was when the chat was last indexed to its end is passed over;
// messages.text_seq says so, whatever clocks say.
//
// # Invariants
//
// The index only proposes: each result is read from the rows of chats and messages in one
// snapshot and compared with the query. What was deleted, edited or ended is not found from
// that commit on, however late the index is.
//
// A request reads a bounded number of rows and bytes. If that is spent, it answers what is
// certain until then, and a cursor at which the next page goes on.
//
// It owns the tables search_chats, search_parts and search_words. Of other packages it reads:
//   - chats: which ones a person has, and how far they have moved
//   - messages: the texts to index and to show
package search
