// Package bench measures a running Heyy from outside: how fast a person who
// joins hears the room, what a listener costs, how fast the program starts.
//
// Everything measured is the real program as a process of its own, on free ports
// and a data folder that is thrown away, spoken to by bots over the network. It
// asserts nothing: figures depend on the machine, which is described beside them.
// It owns the processes and folders it makes, and removes them.
package bench
