// Package api is the HTTP API, /api/v1, over the use cases of handlers/operate.
//
// An operation is a function that takes a struct of parameters and returns what a use
// case returned: the OpenAPI document, /api/v1/openapi.json, is made from the same
// structs as the JSON of the command line. Each operation is registered once, by add,
// with its role, which decides three things before the function is called:
//
//   - Who asks: the key in the header Authorization, see package keys.
//   - Whether he may: the role of the key, and for the figures of the whole system an
//     operator's key.
//   - How often: each key has a rate.
//
// A function names the account that it works in with Scope.account, which never lets a
// key of one account out of it. Its errors become problems (RFC 9457) with a reason, which
// is a word for programs, and a hint for people. What went wrong inside is in the log only.
package api
