package cli

import "github.com/alecthomas/kong"

const description = `Clicks, postbacks, pixels and clickless postbacks become conversions, once each.

Every setting is a flag and has a twin in the environment; the flag wins. Start with: integr8 migrate, integr8 topology, integr8 up.`

// grammar is the command line. A command is one struct in a file of its own with
//
//	Run(ctx context.Context, inv *invocation) error
//
// and its flags as fields, each with a help text; it ends when ctx does. A tag
// time:".." says how long it may take: see timeShort. The order here is that of
// the help.
type grammar struct {
	Settings settings `embed:""`

	ShowVersion kong.VersionFlag `name:"version" help:"Print version, commit and Go version, and stop."`

	Up      upCommand      `cmd:"" group:"run" time:"endless" help:"Run a receiver, a worker, the HTTP API and the console in one process."`
	Receive receiveCommand `cmd:"" group:"run" time:"endless" help:"Run the doors: take clicks and postbacks over HTTP and make them durable."`
	Work    workCommand    `cmd:"" group:"run" time:"endless" help:"Run the handlers: decide what was received and write it to the database. Run as many as needed."`

	Web webCommand `cmd:"" group:"run" time:"endless" help:"Serve the console, for people, at / and the HTTP API at /api/v1, with its description at /api/v1/openapi.json. Carry out jobs."`

	Migrate  migrateCommand  `cmd:"" group:"setup" time:"long" help:"Bring the database schema up to date and make the partitions of the next days."`
	Topology topologyCommand `cmd:"" group:"setup" help:"Declare the queues and exchanges on the broker."`

	Account    accountCommand    `cmd:"" group:"reference" help:"Accounts: create, list, show, edit."`
	Advertiser advertiserCommand `cmd:"" group:"reference" help:"Advertisers: create, list, show, edit."`
	Publisher  publisherCommand  `cmd:"" group:"reference" help:"Publishers: create, list, show, edit, pause."`
	Offer      offerCommand      `cmd:"" group:"reference" help:"Offers: create, list, show, edit, pause, terms of single publishers."`
	Domain     domainCommand     `cmd:"" group:"reference" help:"Tracking domains: create, list, show, edit."`
	Token      tokenCommand      `cmd:"" group:"reference" help:"Secure tokens: create, import, list, show, edit."`
	Key        keyCommand        `cmd:"" group:"reference" help:"Keys of the HTTP API: create, list, revoke."`
	Webhook    webhookCommand    `cmd:"" group:"reference" help:"Webhooks, to which the notices of alerts are posted: create, list, show, remove, test."`
	User       userCommand       `cmd:"" group:"reference" help:"Users of the console: create, list, edit, password, log-in link, sessions."`

	Dead        deadCommand        `cmd:"" group:"operate" help:"List, show, replay, discard and undo dead letters: hits rejected, unmatched or failed."`
	Job         jobCommand         `cmd:"" group:"operate" help:"List, show and cancel jobs: acts on many dead letters that the system carries out."`
	Queues      queuesCommand      `cmd:"" group:"operate" time:"own" help:"Show how full the queues are, and what to do where something piles up."`
	Audit       auditCommand       `cmd:"" group:"operate" time:"own" help:"Prove that nothing that a receiver promised is missing; exit 1 if something is."`
	Test        testCommand        `cmd:"" group:"operate" help:"Fire a test click and its conversion at the doors, and say of each step what came of it. No report counts tests."`
	Trace       traceCommand       `cmd:"" group:"operate" help:"Tell the whole story of a transaction_id or a receipt."`
	Find        findCommand        `cmd:"" group:"operate" help:"Find hits and conversions by receipt, transaction_id, order, external id, sub_id, address, device, token or e-mail address."`
	Conversions conversionsCommand `cmd:"" group:"operate" time:"long" help:"List conversions, the newest first, as a table, JSON or CSV."`
	Hits        hitsCommand        `cmd:"" group:"operate" time:"long" help:"List hits with what became of them, the newest first, as a table, JSON or CSV."`
	Report      reportCommand      `cmd:"" group:"operate" time:"long" help:"Count clicks, conversions and money; list postback conflicts and reasons."`
	Alert       alertCommand       `cmd:"" group:"operate" help:"Alerts about what accounts earn: what is unusual, what is on, silence."`
	Rollup      rollupCommand      `cmd:"" group:"operate" time:"long" help:"Roll-ups, which reports read: compare them with the rows, count them anew."`
	Retention   retentionCommand   `cmd:"" group:"operate" help:"Show and change how long clicks, hits and dead letters are kept."`
	Spool       spoolCommand       `cmd:"" group:"operate" help:"Show what waits on disk; hand it to the broker for a receiver that is gone."`
	History     historyCommand     `cmd:"" group:"operate" time:"long" help:"List who changed what and when, with the old and the new values, the newest first."`
	Secret      secretCommand      `cmd:"" group:"operate" help:"Service secrets: list what processes have, retire one."`

	Doctor      doctorCommand      `cmd:"" group:"operate" time:"own" help:"Look for what is broken or will go wrong, and say what to do; exit 1 if something is broken."`
	Healthcheck healthcheckCommand `cmd:"" group:"operate" help:"Ask the process on the admin address whether it is ready; exit 1 if it is not."`
	Version     versionCommand     `cmd:"" group:"operate" help:"Print version, commit and Go version."`
	Completion  completionCommand  `cmd:"" group:"operate" help:"Print a script that lets your shell complete commands and flags: bash, zsh or fish."`
	Help        helpCommand        `cmd:"" group:"operate" help:"Show what a command does and takes: integr8 help offer create."`
}
