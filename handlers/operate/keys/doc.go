// Package keys holds the use cases on the keys of the HTTP API: create, list, revoke,
// and the look-up of the key that a request carries.
//
// A key belongs to an account and opens nothing of another one. A key without an account
// is an operator's: it opens all accounts, and the figures of the whole system. What a
// key may do is its Role. A key is shown once, when it is created; the database holds
// only its SHA-256 and its first characters.
package keys
