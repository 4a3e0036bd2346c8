// Package db opens the database and gives every package one way to use it:
// plain database/sql with one text of SQL for SQLite and PostgreSQL.
//
// Parameters are $1..$n, numbered in order of first use; ids are TEXT, times
// BIGINT Unix milliseconds, JSON is TEXT. The row is the lock: guards stand in
// the outer WHERE of an UPDATE, or a unique index says no. See docs/adr/0001.
//
// It owns the tables leases and commands, and knows no other table and no domain.
package db
