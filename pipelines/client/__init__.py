"""What an analyst imports: ``from pipelines.client import Marts``."""

from pipelines.client.marts import Marts

__all__ = ["Marts"]
