"""What functions and jobs do, one module a task: each is told an event, and answers what became of it."""
