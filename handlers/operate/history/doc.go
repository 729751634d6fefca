// Package history holds the use case on the record of changes: who changed which
// reference data when, with the old and the new values, and who acted on dead letters.
//
// The transaction that makes a change adds its row, so that none is missing and none
// tells of a change that was not made. Rows are only ever added. A row holds no secret: a
// token is in it by its id, as token list shows it.
package history
