# SPDX-License-Identifier: Apache-2.0
"""tools/lint/layers.py: which includes it lets pass, and that this tree has no other."""
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/lint"))
import layers  # noqa: E402

GOOD = (
    ("hw/dma", "hw/base"), ("hw/dma", "regs"), ("hw/config", "hw/dma"), ("tlm/core", "hw/base"),
    ("tlm/dma", "tlm/core"), ("tlm/dma", "hw/dma"), ("tlm/chip", "tlm/dma"), ("tlm/chip", "hw/config"),
    ("tlm/board", "tlm/chip"), ("sim/cli", "tlm/board"), ("sim/cli", "hw/config"),
    ("firmware/rt", "firmware/hal"), ("firmware/hal", "regs"), ("tests/tlm", "tests/support"),
)
BAD = (
    ("hw/base", "hw/dma"), ("hw/dma", "hw/hbm"), ("hw/dma", "hw/config"), ("hw/dma", "tlm/core"),
    ("tlm/core", "tlm/dma"), ("tlm/core", "hw/dma"), ("tlm/dma", "tlm/hbm"), ("tlm/dma", "hw/hbm"),
    ("tlm/dma", "hw/config"), ("tlm/chip", "tlm/board"), ("tlm/board", "sim/cli"),
    ("sim/cli", "tests/support"), ("sim/cli", "tools/lint"), ("tests/hw", "tools/lint"),
    ("firmware/hal", "firmware/rt"), ("firmware/rt", "hw/dma"), ("hw/dma", "firmware/hal"),
)


class LayersTest(unittest.TestCase):
    def test_the_table_allows_what_the_house_allows(self):
        for source, target in GOOD:
            self.assertTrue(layers.allowed(source, target), f"{source} -> {target}")
        for source, target in BAD:
            self.assertFalse(layers.allowed(source, target), f"{source} -> {target}")

    def test_an_include_is_reported_with_file_and_line(self):
        with tempfile.TemporaryDirectory() as folder:
            block = Path(folder) / "tlm/dma"
            block.mkdir(parents=True)
            (block / "engine.h").write_text('// x\n#include "tlm/core/model.h"\n'
                                            '#include "hw/hbm/config.h"\n#include "plan.h"\n')
            errors = list(layers.check(Path(folder)))
        self.assertEqual([place for place, _ in errors],
                         ["tlm/dma/engine.h:3", "tlm/dma/engine.h:4"])

    def test_this_tree_keeps_its_layers(self):
        self.assertEqual(list(layers.check(ROOT)), [])


if __name__ == "__main__":
    unittest.main()
