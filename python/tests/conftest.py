import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def seeded():
    """Every test draws the same numbers whatever ran before it."""
    torch.manual_seed(1)
