"""Outside services over HTTP: one stack of small senders, and each service's endpoints."""
