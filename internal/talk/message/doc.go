// Package message manages chats: the messages of two people.
//
// # Model
//
// The chat of a match begins in the transaction that makes it and is deleted in the one that
// ends it, by a block too: nothing checks for a match when somebody writes, since without one
// there is no row. To everybody else a chat does not exist.
//
// Without a match a chat is begun by one of the two. Among acquainted people it is open at
// once. Otherwise it is a request, if the other takes them: who asks may send one message; for
// who is asked the chat is only among the requests, and nothing they do with it shows, until
// they answer. A declined request looks to the other as before, and each is over after
// RequestTime. Nobody asks the same person twice, nor after a match that ended: otherwise asking
// again would tell what came of it.
//
// Messages are numbered n = 1, 2, ... without gaps. The chat's seq grows by one with each
// new or changed message, and a message keeps the seq of its last change: the messages that
// a client missed are those with a greater one.
//
// How far somebody has read is no part of seq, for otherwise its growth would show what a
// hidden read mark hides. It only grows, so that it may be told twice or late.
//
// A voice message is a message with audio, and its text is the text alternative. That the
// other has listened to it is no part of seq either, for the same reason. One may answer a
// moment of the other's, and keeps its id, though the moment is soon gone.
//
// # Invariants
//
// The row of the chat is locked by every change of its messages: they come one after
// another, and none comes after the end.
//
// A message has an id that the sender's client chose. Sending it again, however often and
// however late, changes nothing.
//
// A deleted message loses its text and audio and keeps its number, so that replies still lead
// somewhere. Facts carry numbers, never texts: those are in one place, and gone from there.
//
// Audio is reachable only through its message. What no message refers to any more, Sweep
// drops; so nothing is left of a chat or an account that was deleted.
//
// A message is found by the primary key (a_id, b_id, n), or by a_id || b_id with what other indexes
// have behind it: see migration 00040.
//
// What somebody may write and say in a day is counted in their row of message_quotas, in the
// transaction that sends it: no restart, other process or deletion gives anything back.
//
// It owns the tables chats, messages, message_blobs, message_quotas, read_marks, chat_refusals
// and chat_settings. Of other packages it reads:
//   - accounts: whether the other exists
package message
