// Package reference holds the use cases on reference data: accounts with their
// advertisers, publishers, offers, tracking domains and secure tokens. Each kind of
// object has one type with its use cases, such as Offers: create, list, show, edit.
//
// Callers show and publish the results: this package defines their JSON.
//
// An error that matches ErrNotFound, ErrConflict or ErrInvalid is for people: it says
// what is wrong and needs no prefix. A failure.Hint says what to do about it. Warnings
// are about acts that were done but may not be intended: one sentence each, in no
// particular form. They may come with an error too.
//
// Where a use case takes an account, 0 means the account that has the object: ids are
// unique over all accounts. With another account, objects of other accounts are not
// found.
package reference
