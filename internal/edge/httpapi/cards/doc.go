// Package cards serves the operations of contact cards: offers, exchanges, and their export.
package cards
