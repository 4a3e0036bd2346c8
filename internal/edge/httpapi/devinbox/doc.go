// Package devinbox has the operation that shows the mail of a Heyy without a mail server.
package devinbox
