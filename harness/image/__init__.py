"""Images: what an ISO holds, the reference image, and the overlay laid behind an initrd."""
