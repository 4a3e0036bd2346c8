// Package message manages chats: the messages of two people with a match.
//
// # Model
//
// A chat begins in the transaction that makes a match and is deleted in the one that ends
// it, by a block too: nothing checks for a match when somebody writes, since without one
// there is no row. To everybody else a chat does not exist.
//
// Messages are numbered n = 1, 2, ... without gaps. The chat's seq grows by one with each
// new or changed message, and a message keeps the seq of its last change: the messages that
// a client missed are those with a greater one.
//
// How far somebody has read is no part of seq, for otherwise its growth would show what a
// hidden read mark hides. It only grows, so that it may be told twice or late.
//
// A voice message is a message with audio, and its text is the text alternative. That the
// other has listened to it is no part of seq either, for the same reason.
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
// It owns the tables chats, messages, message_blobs and read_marks.
package message
