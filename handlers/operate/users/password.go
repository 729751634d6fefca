package users

import (
	"context"
	"errors"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"

	"integr8/handlers/operate/reference"
)

const (
	// leastPassword is in characters.
	leastPassword = 12
	// mostPassword is in bytes: bcrypt reads no more.
	mostPassword = 72
	// fullCost makes a comparison take about an eighth of a second.
	fullCost = 11
)

// hashCost is that of new hashes. Tests lower it.
var hashCost = fullCost

func checkPassword(password string) error {
	switch {
	case !utf8.ValidString(password):
		return reference.Refuse(reference.ErrInvalid, "the password is no UTF-8")
	case utf8.RuneCountInString(password) < leastPassword:
		return reference.Refuse(reference.ErrInvalid, "the password has fewer than %d characters", leastPassword)
	case len(password) > mostPassword:
		return reference.Refuse(reference.ErrInvalid, "the password has more than %d bytes", mostPassword)
	}
	return nil
}

// hashOf returns the hash of a password.
func hashOf(password string) (string, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), hashCost)
	return string(hash), err
}

// noPassword is the hash of a random text that nobody kept. An unknown user is compared
// with it, so that he takes as long as a known one.
const noPassword = "$2a$11$BPXn7wO61Cz4HLkdJwz7kOA8uuJRHKmKBVHx2XacyFOAFU4Ey8xFq"

// comparisons bounds how many processors comparisons take at once in a process, which may
// take hits in as well.
var comparisons = make(chan struct{}, 1)

// matches reports whether a password is that of a hash.
func matches(ctx context.Context, hash, password string) (bool, error) {
	select {
	case comparisons <- struct{}{}:
		defer func() { <-comparisons }()
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
	err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password))
	if err == nil || errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return err == nil, nil
	}
	return false, err
}
