"""Making an encoder artifact from a sentence-transformers folder, without torch."""

from timbral.embeddings.export.default_source import find_default_source
from timbral.embeddings.export.exporter import export_cross_encoder, export_encoder

__all__ = ["export_cross_encoder", "export_encoder", "find_default_source"]
