// Package job runs background jobs on one of the nodes that share a database.
//
// # Model
//
// A Job has a name, a period and a function. A Runner has a lease and a list of
// jobs; each job has a goroutine of its own, so that a slow, hanging or failing
// job never delays another. A term is the time in which this node holds the
// lease without interruption.
//
// # Lifecycle
//
// One more goroutine takes the lease and renews it three times per TTL, whatever
// the jobs do. When it has the lease, a term begins and every job runs at once
// and then once per period. When the lease is lost, or could not be renewed in
// time, the context of the term ends and with it what the jobs are doing. Run
// returns when its context has ended and all jobs have returned; it then gives
// the lease back.
//
// # Invariants
//
// The context of a term carries its fencing token: every transaction under it
// checks that nobody else has taken the lease since, and writes nothing
// otherwise (db.WithFence). A panic in a job is an error of that job. Each error
// is logged once, with the job's name, and counted in
// heyy_job_failures_total.
//
// A Pool bounds the requests that a job makes to something that may hang, such as
// the media server, and keeps one that hangs from delaying the others.
package job
