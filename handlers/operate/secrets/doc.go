// Package secrets shows the service secrets that processes have had, and retires one
// that none has any more. It knows them by their fingerprints: nobody keeps the secrets
// themselves.
package secrets
