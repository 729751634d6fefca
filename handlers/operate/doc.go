// Package operate is the room for what people do with the system: look a hit up, act on
// dead letters, watch queues, read reports, edit reference data. The functions here are
// shared by its packages and write for a person: numbers with their nouns, times, the
// hint of a reason.
//
// Each package below it is one noun, such as dead for dead letters. It holds the use
// cases of that noun. The command line, a console and an HTTP API call the same use
// cases:
//
//   - A use case takes a context first and returns a typed result. The JSON of these
//     types is the one contract: no other package defines a key of it.
//   - A use case parses no command line, draws nothing and asks no questions. An act
//     that needs consent is prepared first, with an estimate, and then carried out. Long
//     work reports its progress to a function of the caller.
//   - An error for a person has a hint: see failure.WithHint.
//   - The package declares the types of its rows and the small interfaces that it
//     needs. Package sql/store implements those over the database; nothing here knows
//     SQL.
package operate
