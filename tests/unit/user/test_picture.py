import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.errors import HostError
from harness.user.picture import Picture
from harness.user.region import Region


def noise(height: int = 40, width: int = 60) -> Picture:
    return Picture(np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8))


def test_png_keeps_every_pixel(tmp_path: Path) -> None:
    picture = noise()
    (tmp_path / "p.png").write_bytes(picture.png())
    assert np.array_equal(Picture.load(tmp_path / "p.png").pixels, picture.pixels)
    assert Image.open(io.BytesIO(picture.png())).size == (60, 40)


def test_the_digest_tells_pixels_and_shape_apart() -> None:
    picture = noise()
    changed = picture.pixels.copy()
    changed[3, 4, 1] ^= 1
    turned = Picture(picture.pixels.reshape(60, 40, 3))
    digests = {picture.digest(), Picture(changed).digest(), turned.digest()}
    assert len(digests) == 3
    assert Picture(picture.pixels.copy()).digest() == picture.digest()


def test_a_part_is_what_the_region_says() -> None:
    picture = noise()
    part = picture.part(Region(0.5, 0.25, 1, 0.75))
    assert (part.width, part.height) == (30, 20)
    assert np.array_equal(part.pixels, picture.pixels[10:30, 30:60])
    assert len(part.digest()) == 16


def test_what_is_no_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "p.png").write_text("not a picture")
    with pytest.raises(HostError, match=r"cannot read the picture .*p\.png"):
        Picture.load(tmp_path / "p.png")
    with pytest.raises(HostError, match="cannot read"):
        Picture.load(tmp_path / "missing.png")
