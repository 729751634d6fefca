// Package users holds the use cases on the people who log in to the console: create,
// list, edit, log in and out, and the sessions of a browser.
//
// What a user may do is his Role. A user with an account sees nothing of another one; a
// user without an account sees all of them, and the figures of the whole system. The
// database holds a bcrypt hash of a password, and the SHA-256 of the texts by which
// sessions and log-in links are known.
package users
