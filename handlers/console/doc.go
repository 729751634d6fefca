// Package console is the web pages for the people who run the system, over the use cases
// of handlers/operate.
//
// A page is a function of a visit: it reads its filter from the URL, calls use cases and
// renders a template. The account of a visit comes from the user, by one function,
// visit.account; a user without an account chooses one by the parameter account. Each
// page is registered with the access that it demands.
//
// What takes long is read in the background and kept for a few seconds (kept), so that
// neither the number of viewers nor a slow server decides how fast a page comes.
package console
