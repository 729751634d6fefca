package main

import "context"

// clusterCommand is what can be done with a cluster only, and beside it, for
// completeness, what every stack can. Single nodes are started, killed, paused
// and resumed by their names.
type clusterCommand struct {
	Start clusterStartCommand `cmd:"" help:"Start Postgres and three RabbitMQ nodes, wait until they are one cluster, print the addresses of all."`
	Env   envCommand          `cmd:"" help:"As devstack env."`
	Stop  stopCommand         `cmd:"" help:"As devstack stop."`
	Clean cleanCommand        `cmd:"" help:"As devstack clean."`
	Cut   clusterCutCommand   `cmd:"" help:"Break the links between a node and the two others, for good until healed: it finds itself in the minority and pauses."`
	Heal  clusterHealCommand  `cmd:"" help:"Let a node that was cut off back in, and wait until it serves."`
}

type clusterStartCommand struct {
	place
	Disposable bool `help:"For data that nobody will miss: Postgres then does not wait for the disk."`
}

// Run starts the cluster and prints its addresses for a shell.
func (c *clusterStartCommand) Run(ctx context.Context, out *output) error {
	s := &stack{dir: c.Dir, out: out, disposable: c.Disposable, cluster: true}
	if _, err := s.start(ctx, all); err != nil {
		return err
	}
	return printAddresses(out, s)
}

type clusterCutCommand struct {
	place
	Node string `arg:"" enum:"1,2,3" help:"The number of the node."`
}

// Run isolates one node.
func (c *clusterCutCommand) Run(ctx context.Context, out *output) error {
	return (&stack{dir: c.Dir, out: out}).cut(ctx, onlyRabbitMQ+part("-"+c.Node))
}

type clusterHealCommand struct {
	place
	Node string `arg:"" enum:"1,2,3" help:"The number of the node."`
}

// Run ends the isolation of one node.
func (c *clusterHealCommand) Run(ctx context.Context, out *output) error {
	return (&stack{dir: c.Dir, out: out}).heal(ctx, onlyRabbitMQ+part("-"+c.Node))
}
