"""What the virtual machines are made of: the reference image, the overlay, the domain template. Data only."""
