// Package links makes the links that advertisers and publishers paste: tracking links,
// postback URLs, pixel tags and clickless URLs. It also shows secure tokens: when one
// is created, and again later if it can be derived.
//
// The person who pastes a link replaces each Placeholder with a macro or a value. Doors
// refuse a hit in which a Placeholder is left.
package links
