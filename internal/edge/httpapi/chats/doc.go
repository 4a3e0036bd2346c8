// Package chats has the operations of chats: messages, reactions, read marks, typing.
package chats
