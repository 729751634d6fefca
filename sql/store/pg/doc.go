// Package pg adapts the driver, github.com/lib/pq, to a process that must never hang. It
// knows nothing of our tables.
//
// It guarantees that every call ends with its context, or after the bound on silence,
// also when the server or the network hangs, and that errors which no statement can
// cause are classified as an outage. It does not retry anything.
//
// Connector returns connections in layers. From the socket upwards:
//
//   - silence.go bounds how long the server may send nothing during a statement. Without
//     it a statement on a cut connection waits until the kernel stops trying.
//   - connector.go parses the URL, makes pq send parameters in binary format, and sets
//     the settings of the session by a statement, because poolers and distributed
//     engines refuse startup parameters.
//   - handshake.go ends an attempt to connect with its context. pq itself waits for ever
//     for a server that accepts the connection and sends nothing.
//   - hang_up.go ends a statement, its rows, a transaction or a ping with its
//     context when the server does not react. pq itself asks the server to cancel and then
//     waits for that, but a frozen server never cancels.
//   - outage.go marks the errors that no statement can be the cause of, so that
//     package failure classifies them as an outage.
//   - prepare.go keeps each statement prepared, so that it is parsed and planned
//     once for each connection, and replaces a session whose statements are outdated.
//
// In addition:
//
//   - array.go encodes rows as arrays in binary format, one for each column, which need
//     no formatting and no parsing.
//   - errors.go has functions for the server's error codes that callers act on.
//   - listener.go makes pq's listener end with a context, which pq does not accept.
package pg
