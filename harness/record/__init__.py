"""A run on disk: schema, writer, reader."""
