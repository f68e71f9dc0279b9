"""Per-sample gradients of PyTorch modules in attrib's feature stores.

`write_gradients` runs a module over a data set and writes a row per sample; `StoreWriter` and `Store` write and read the
folders themselves; `read_scores` reads what `attrib score` wrote.
"""

from .hook import Layers, write_gradients
from .model import model_hash
from .scores import read_scores
from .signs import projection, signs
from .store import Layer, Store, StoreError, StoreWriter

__all__ = ["Layer", "Layers", "Store", "StoreError", "StoreWriter", "model_hash", "projection", "read_scores", "signs", "write_gradients"]
