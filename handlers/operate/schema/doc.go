// Package schema brings the schema of the database up to date.
package schema
