"""The same reads as the routes give, nested, in GraphQL."""
