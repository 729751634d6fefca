package main

import "context"

type codeCommand struct{}

func (c *codeCommand) Run(ctx context.Context) error { return nil }
