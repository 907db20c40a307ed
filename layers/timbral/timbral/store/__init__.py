"""Object storage as the database: one client, tables of immutable parts, releases behind one pointer."""
